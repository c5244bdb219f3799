/** The reaper's process; what it does is in reaper.ts. */
import { reap } from './reaper.ts';

await reap(process.stdin);
