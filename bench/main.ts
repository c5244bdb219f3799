/**
 * `npm run bench`: how quick firedrill is, as ratios against something measured in the same run. Nothing here fails; machines
 * differ, ratios less.
 */
import { coldStart } from './cold-start.ts';
import { durableStep } from './durable-step.ts';
import { labStart } from './lab-start.ts';
import { rehearsal } from './rehearsal.ts';
import { restore } from './restore.ts';
import type { Row } from './table.ts';
import { table } from './table.ts';
import { wire } from './wire.ts';

const benches: readonly { name: string; run: () => Promise<Row[]> }[] = [
  { name: 'cold start', run: coldStart },
  { name: 'durable step', run: durableStep },
  { name: 'wire layer', run: wire },
  { name: 'lab', run: labStart },
  { name: 'rehearsal', run: rehearsal },
  { name: 'restore', run: restore },
];

/** The SDK's notice about Node's version is no figure. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const wanted = process.argv.slice(2);
for (const { name, run } of benches) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  process.stdout.write(table(name, await run()));
}
