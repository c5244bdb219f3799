/**
 * An image for restoring the orders database: Postgres is installed, nothing runs. What the user's script has it start stays when
 * the script has ended, and is reached at the instance's address.
 *
 *   orders-restore URL   makes a server, fetches the dump behind the (presigned) URL, restores it, and leaves the server running
 *   put-url FILE URL     puts a file behind a presigned URL, where there is no curl
 *
 * Scripts may also use Postgres's own programs (initdb, pg_ctl, postgres are on the PATH) and listen on $LISTEN_HOST, port 5432.
 */
import { serveCommands } from './commands.ts';
import { restoreFrom } from './copydump/restore.ts';
import { startPostgres } from './local-postgres.ts';
import { getUrl, putUrl } from './s3.ts';
import { becomeUser, required, userOf } from './settings.ts';

const { env } = process;
becomeUser(userOf(env));
await serveCommands(required(env, 'HOME'), {
  async 'orders-restore'([url], say) {
    if (!url) throw new Error('say from where: orders-restore URL');
    const source = await getUrl(url);
    const { connect, isNew } = await startPostgres(env);
    if (!isNew) throw new Error('there is a database on this instance already');
    say('Postgres runs, and is empty');
    const { rows } = await restoreFrom({ source, connect, say });
    say(`restored: ${Object.values(rows).reduce((sum, each) => sum + each, 0)} rows`);
  },
  async 'put-url'([file, url]) {
    if (!file || !url) throw new Error('say what, and where to: put-url FILE URL');
    await putUrl(url, file);
  },
});
process.send?.('listening');
process.disconnect?.();
