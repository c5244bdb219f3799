/**
 * What the script on a restored instance reports: whether its database stands, and where. Written by the script, so it is
 * checked, cut to a length, and kept free of secrets before it gets into a log. Pure.
 */
import { z } from 'zod';
import { FiredrillError } from '../../domain/errors.ts';
import { withoutSecrets } from '../../domain/secrets-in-text.ts';

/** More than any report has, bytes. */
export const largestSignalBytes = 65_536;
/** How much of what a script says gets into logs, characters: of one that failed more, because it tells why. */
const longestMessage = 500;
const longestFailure = 2_000;

const reported = z.discriminatedUnion('status', [
  z.object({ status: z.literal('failed'), message: z.string().optional() }),
  z.object({
    status: z.literal('ready'),
    message: z.string().optional(),
    database: z.object({
      engine: z.enum(['postgres', 'mysql']),
      port: z.number().int().min(1).max(65_535),
      name: z.string().min(1),
      host: z.string().min(1).optional(),
    }),
  }),
]);

export type ReadyDatabase = Extract<z.output<typeof reported>, { status: 'ready' }>['database'];

export interface ReadySignal {
  database: ReadyDatabase;
  message?: string;
}

/** @throws FiredrillError `restore-failed` as the script says it; `signal-malformed`, which proves nothing of the backup */
export function readSignal(content: string): ReadySignal {
  const report = parse(content);
  if (report === undefined) throw malformed('it is no JSON', content);
  const parsed = reported.safeParse(report);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw malformed([path.join('.'), message].filter(Boolean).join(': '), content);
  }
  const { status, message } = parsed.data;
  if (status === 'failed') throw failed(message);
  return { database: parsed.data.database, ...(message !== undefined && { message: shown(message) }) };
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** What a script wrote, fit for a log. */
function shown(text: string): string {
  const said = withoutSecrets(text).trim();
  return said.length > longestMessage ? `${said.slice(0, longestMessage)} ...` : said;
}

/** The same of a failure, whose reason is what was written last. How it begins says what failed. */
function shownOfFailure(text: string): string {
  const said = withoutSecrets(text).trim();
  if (said.length <= longestFailure) return said;
  const [first = ''] = said.split('\n', 1);
  return `${first.slice(0, 200)} ...\n... ${said.slice(-longestFailure)}`;
}

const failed = (message = ''): FiredrillError =>
  new FiredrillError(
    'restore-failed',
    `the restore failed: ${shownOfFailure(message) || 'its script gives no reason'}`,
    {
      expected: 'status ready',
      found: 'status failed',
      remedy: 'Launch the template by hand with the same backup and see what its script says.',
    },
  );

export const malformed = (why: string, content: string): FiredrillError =>
  new FiredrillError('signal-malformed', `what the script reported can't be read: ${why}`, {
    expected:
      '{"status":"ready","database":{"engine":"postgres","port":5432,"name":"orders"}}, or "failed" with a message',
    found: shown(content.slice(0, 2 * longestMessage)),
    remedy: 'Correct what the script writes to its signal URL.',
    provesNothing: true,
  });
