/**
 * The application that the lab's instances run: a small order service, whose users drills look after. A process of its own; it
 * knows nothing of the lab but the variables of its environment (settingsOf).
 */
import { once } from 'node:events';
import { openDatabase } from './database-pool.ts';
import { ordersServer } from './orders-server.ts';
import { becomeUser, settingsOf } from './settings.ts';

const settings = settingsOf(process.env);
const server = ordersServer(openDatabase(settings));
server.listen(settings.listen.port, settings.listen.host);
await once(server, 'listening');
// After everything was loaded: the user may not be able to read the programs.
becomeUser(settings.user);
process.send?.('listening');
process.disconnect?.();
