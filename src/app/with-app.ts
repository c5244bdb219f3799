/** The frame of a command that works with runs: opens the store, clears away what killed rehearsals left, closes. */
import type { App } from './app.ts';
import { openApp } from './app.ts';
import { clearAway } from './clear-away.ts';

export async function withApp<T>(env: NodeJS.ProcessEnv, work: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp(env);
  try {
    await clearAway(app);
    return await work(app);
  } finally {
    await app.close();
  }
}
