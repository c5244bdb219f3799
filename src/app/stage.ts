/** What a command needs that drives runs: the app with what killed rehearsals left cleared away, and a driver that is up. */
import type { App } from './app.ts';
import { openApp } from './app.ts';
import { clearAway } from './clear-away.ts';
import type { Driver } from './drive-run.ts';
import { openDriver } from './drive-run.ts';

export interface Stage {
  app: App;
  driver: Driver;
  close(): Promise<void>;
}

export async function openStage(env: NodeJS.ProcessEnv): Promise<Stage> {
  const app = await openApp(env);
  try {
    await clearAway(app);
    const driver = await openDriver(app);
    return {
      app,
      driver,
      async close() {
        await driver.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}
