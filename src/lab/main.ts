/**
 * The process that is a lab. Its one argument is the configuration as JSON: LabConfig, and `attached`, which ends it together with its
 * standard input, unless it was told there to stay. When the lab works it prints one line of JSON; SIGTERM and SIGINT end it, and leave
 * nothing behind.
 *
 *   node dist/lab/main.js '{"estate":"multi-region","profile":"fast","home":"/var/lib/firedrill","attached":true}'
 */
import { once } from 'node:events';
import { z } from 'zod';
import { reportOf, UsageError } from '../domain/errors.ts';
import { openLab } from './lab.ts';
import { leftAlone } from './starter.ts';

const configuration = z.strictObject({
  estate: z.string(),
  profile: z.enum(['fast', 'realistic']).default('fast'),
  home: z.string(),
  attached: z.boolean().default(false),
  replicaLagMs: z.number().nonnegative().optional(),
  replicationSurvives: z.boolean().optional(),
});

/** @throws UsageError `lab-config` */
function readConfiguration(text: string | undefined): z.infer<typeof configuration> {
  try {
    return configuration.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    const found = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : (cause as Error).message;
    throw new UsageError('lab-config', `the lab's configuration can't be used: ${found}`, { cause });
  }
}

const say = (error: unknown): void => {
  const { code, message, remedy } = reportOf(error);
  process.stderr.write(`${code}: ${message}${remedy === undefined ? '' : ` ${remedy}`}\n`);
};

// Whoever reads the messages may go away; the lab needn't.
process.stderr.on('error', () => undefined);

async function main(): Promise<void> {
  const { attached, ...config } = readConfiguration(process.argv[2]);
  const asked: Promise<unknown>[] = [once(process, 'SIGTERM'), once(process, 'SIGINT')];
  if (attached) asked.push(leftAlone(process.stdin));
  const end = Promise.race(asked);

  const opening = openLab(config, say);
  const lab = await Promise.race([opening, end.then(() => undefined)]);
  if (lab === undefined) {
    await (await opening).close();
    return;
  }
  const { awsEndpoint, dns, url, env } = lab;
  process.stdout.write(`${JSON.stringify({ awsEndpoint, dns, url, env, pid: process.pid })}\n`);
  await end;
  await lab.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  say(error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
