/** The shipped restore drill with nothing verified but that all rows are there: what a bench of the restore itself needs. */
import { readFile } from 'node:fs/promises';
import type { RunRecord } from '../src/domain/record.ts';

/** The shipped script, which also says when it is done. */
export async function script(): Promise<string> {
  const shipped = await readFile('drills/scripts/restore-postgres.sh', 'utf8');
  return changed(shipped, '"restored $DATABASE"', '"restored $DATABASE, done at $(date +%s%3N)"');
}

/** From the launch until the script was done, seconds; how soon the drill sees it is another matter. */
export function restoreSeconds({ steps }: RunRecord): number {
  const launchedAt = Date.parse(steps.find(({ id }) => id === 'launch')!.startedAt!);
  const said = steps
    .find(({ id }) => id === 'restored')!
    .checks!.map((check) => check.said)
    .join();
  return (Number(/done at (\d+)/.exec(said)![1]) - launchedAt) / 1000;
}

export async function drillFor(prefix: string, rows: number): Promise<string> {
  const shipped = await readFile('drills/restore-dump-to-fresh-instance.yaml', 'utf8');
  const contents = `      tables: { orders: { minRows: ${rows}, maxRows: ${rows} }, dumps: { minRows: 1 } }\n`;
  return changed(
    changed(shipped, 'prefix: nightly/', `prefix: ${prefix}`),
    /^ {6}# Written in the same[\s\S]*?(?=^schedule:)/m,
    `      version: 18\n${contents}\n`,
  );
}

function changed(text: string, from: string | RegExp, to: string): string {
  if (text.search(from) < 0 && !text.includes(String(from)))
    throw new Error('what is shipped is not as this bench expects it');
  return text.replace(from, () => to);
}
