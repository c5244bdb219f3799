/** `firedrill run`: runs a drill where the standard AWS environment points. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

interface Options {
  json?: boolean;
  values?: string;
}

export function register(program: Command, frame: Frame): void {
  program
    .command('run')
    .description('Run a drill where the standard AWS environment points (profile, region, AWS_ENDPOINT_URL ...).')
    .argument('<file>', 'drill definition')
    .option('--values <sets>', 'value sets to use, comma-separated')
    .option('--json', 'print the run record as one JSON document on stdout')
    .addHelpText(
      'after',
      `
Shows what it would touch first: firedrill plan <file>. Ctrl-C aborts and undoes.
Exit codes: 0 pass, 1 fail, 2 unusable input, 3 inconclusive, 4 aborted, 5 undo incomplete.

Example:
  AWS_PROFILE=drills firedrill run drills/regional-failover.yaml --values prod`,
    )
    .action(async (file: string, { values, json = false }: Options) => {
      const [{ openApp }, { clearKilledRehearsals }, { environmentOf, planRun }, { conduct }, { readDrill }] =
        await Promise.all([
          import('../app/app.ts'),
          import('../app/clear-away.ts'),
          import('../app/start-run.ts'),
          import('./conduct.ts'),
          import('./drill-file.ts'),
        ]);
      const drill = await readDrill(frame, file, { purpose: 'run', values });
      if (!drill) return;
      const { env } = frame;
      const app = await openApp(env);
      try {
        await clearKilledRehearsals(app);
        const plan = await planRun(app, { drill, environment: environmentOf(env), env });
        const url = app.settings.queueUrl;
        await conduct(frame, app, {
          run: plan,
          json,
          autoApprove: false,
          env,
          queue: url ? { url, env } : undefined,
        });
      } finally {
        await app.close();
      }
    });
}
