/**
 * All commands, and what they have in common: how bad arguments and errors are told, and the exit code. Each command is a file
 * beside this one; what it needs is loaded when it runs, so that `--help` and `validate` stay quick.
 */
import { Command, CommanderError, Option } from 'commander';
import { version } from '../app/version.ts';
import { UsageError } from '../domain/errors.ts';
import { errorDocument, explain } from './explain.ts';
import type { Register } from './frame.ts';
import { register as approve } from './approve.ts';
import { register as availability } from './availability.ts';
import { register as events } from './events.ts';
import { register as iamPolicy } from './iam-policy.ts';
import { register as lab } from './lab.ts';
import { register as measure } from './measure.ts';
import { register as plan } from './plan.ts';
import { register as prober } from './prober.ts';
import { register as rehearse } from './rehearse.ts';
import { register as report } from './report.ts';
import { register as resume } from './resume.ts';
import { register as run } from './run.ts';
import { register as runs } from './runs.ts';
import { register as schema } from './schema.ts';
import { frameOf } from './terminal-frame.ts';
import type { Io } from './terminal-frame.ts';
import { refuseUnknown } from './unknown-command.ts';
import { register as validate } from './validate.ts';
import { register as verify } from './verify.ts';

const commands: readonly Register[] = [
  rehearse,
  run,
  validate,
  plan,
  runs,
  approve,
  resume,
  report,
  verify,
  measure,
  events,
  iamPolicy,
  availability,
  lab,
  schema,
  prober,
];

/** @returns the exit code */
export async function main(io: Io, env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  let printed = false;
  const frame = frameOf(io, env, {
    color: !argv.includes('--no-color'),
    setExit: (code) => (exitCode = Math.max(exitCode, code)),
    onPrint: () => (printed = true),
    leave(why) {
      explainAs(() => errorDocument(why));
      return process.exit(explain(why).code);
    },
  });
  /** With `--json` there is one document on stdout, whatever happens. */
  const explainAs = (document: () => string): void => {
    if (asksForJson(argv) && !printed) frame.out(document());
  };
  const program = new Command('firedrill')
    .description('Chaos and failover drills for AWS that measure the real RTO and RPO from outside.')
    .version(version)
    .addOption(new Option('--no-color', 'no colours (as with NO_COLOR)').hideHelp())
    .showHelpAfterError('see firedrill --help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => frame.out(text.trimEnd()), writeErr: (text) => frame.err(text.trimEnd()) })
    .addHelpText(
      'after',
      `
Start here:
  firedrill rehearse drills/regional-failover.yaml  # no AWS account needed
  firedrill validate my-failover.yaml               # your own: every mistake
  firedrill plan my-failover.yaml --values prod     # what it would touch
  firedrill run my-failover.yaml --values prod

Exit codes: 0 done (a drill: passed), 1 failed, 2 unusable input and nothing was
touched, 3 inconclusive, 4 aborted, 5 the undo is incomplete: a human is needed.

Environment, besides the AWS_* variables of every AWS client:
  FIREDRILL_HOME              where state lies; default: ~/.firedrill, as root
                              /var/lib/firedrill
  FIREDRILL_DATABASE_URL      a Postgres server instead of the embedded one
  FIREDRILL_EVENTS_QUEUE_URL  an SQS FIFO queue for step events
  FIREDRILL_RESOLVER          the DNS server that probes ask, like 10.0.0.2:53
  FIREDRILL_LOG_LEVEL         of the log on stderr; default: warn

Each command has a --help with an example.`,
    );
  refuseUnknown(program);
  for (const register of commands) register(program, frame);
  for (const command of program.commands) inherit(command);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) {
        explainAs(() => errorDocument(badArguments(error)));
        frame.setExit(2);
      }
    } else {
      const { text, code } = explain(error);
      frame.err(text);
      explainAs(() => errorDocument(error));
      frame.setExit(code);
    }
  }
  await frame.written();
  return exitCode;
}

/** Sub-commands throw instead of ending the process, too, and point at their own help. */
function inherit(command: Command, above = 'firedrill'): void {
  const name = `${above} ${command.name()}`;
  command.exitOverride().showHelpAfterError(`see ${name} --help`);
  for (const sub of command.commands) inherit(sub, name);
}

const asksForJson = (argv: readonly string[]): boolean => argv.includes('--json');

const badArguments = ({ message }: CommanderError): UsageError =>
  new UsageError('bad-arguments', message.replace(/^error: /, ''), { remedy: 'See the --help of the command.' });
