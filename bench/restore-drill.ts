/** The shipped restore drill with nothing verified but that all rows are there: what a bench of the restore itself needs. */
import { readFile } from 'node:fs/promises';

export const script = (): Promise<string> => readFile('drills/scripts/restore-postgres.sh', 'utf8');

export async function drillFor(prefix: string, rows: number): Promise<string> {
  const shipped = await readFile('drills/restore-dump-to-fresh-instance.yaml', 'utf8');
  const contents = `      tables: { orders: { minRows: ${rows}, maxRows: ${rows} }, dumps: { minRows: 1 } }\n`;
  const drill = shipped
    .replace('prefix: nightly/', `prefix: ${prefix}`)
    .replace(/^ {6}# Written in the same[\s\S]*?(?=^schedule:)/m, `      version: 18\n${contents}\n`);
  if (!drill.includes(contents)) throw new Error('the shipped drill is not as this bench expects it');
  return drill;
}
