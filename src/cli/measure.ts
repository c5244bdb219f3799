/** `firedrill measure`: RTO and RPO from a raw sample file alone, so that others can audit the arithmetic. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { UsageError } from '../domain/errors.ts';
import { parseDurationMs } from '../domain/fields.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('measure')
    .description('Compute RTO and RPO from a raw sample file (newline-delimited JSON) and nothing else.')
    .argument('<file>', 'samples, one JSON object a line; lines with "found" are what was read back')
    .option('--steady <duration>', 'how long good counts as recovered', '5s')
    .addHelpText(
      'after',
      '\nExample:\n  firedrill report r20260131-142501-k3x9 --format samples --out raw.ndjson\n  firedrill measure raw.ndjson',
    )
    .action(async (file: string, { steady }: { steady: string }) => {
      const steadyMs = parseDurationMs(steady);
      if (steadyMs === undefined)
        throw new UsageError('bad-duration', `--steady ${steady} is no duration`, {
          remedy: 'Write it with a unit, like 5s.',
        });
      const { measureSamples } = await import('../measure/raw.ts');
      const { samples, readbacks } = parseLines(file, await readFile(file, 'utf8').catch(noFile(file)));
      frame.out(JSON.stringify(measureSamples({ samples, readbacks, steadyMs }), null, 2));
    });
}

function parseLines(file: string, text: string): { samples: Sample[]; readbacks: CanaryReadback[] } {
  const samples: Sample[] = [];
  const readbacks: CanaryReadback[] = [];
  const bad: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parseRow(line);
    if (row && 'sentNs' in row && 'outcome' in row) samples.push(row as unknown as Sample);
    else if (row && 'found' in row) readbacks.push(row as unknown as CanaryReadback);
    else bad.push(`${file}:${i + 1}`);
  }
  if (bad.length === 0 && samples.length > 0) return { samples, readbacks };
  throw new UsageError('bad-samples', `${file} holds lines that are no samples`, {
    expected: 'one JSON object a line, with probe, seq, clockId, sentNs, doneNs, outcome',
    found: bad.length > 0 ? bad.slice(0, 10).join(', ') : 'no sample at all',
    remedy: 'Export the samples of a run with "firedrill report ID --format samples".',
  });
}

function parseRow(line: string): Record<string, unknown> | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const noFile =
  (file: string) =>
  (cause: Error): never => {
    throw new UsageError('no-such-file', `${file} can't be read: ${cause.message}`, { cause });
  };
