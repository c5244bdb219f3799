/** How much memory a test's process really holds: what waits to be collected depends on Node's version and on how busy the machine is. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Megabytes that can be reached, buffers included. Takes some milliseconds: not to be asked for every piece. */
export function heldMb(): number {
  // The first gives buffers free, which are taken off the account beside; the second waits for that.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
