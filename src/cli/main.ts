#!/usr/bin/env node
/** The command `firedrill`, as a process. */
import { main } from './program.ts';

/** How long a command may take to end by itself once it is done, milliseconds. */
const lingerMs = 2_000;

/** The SDK would print a warning about Node's version above every result; engines in package.json says what works. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
let terminalGone = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => (terminalGone ||= code === 'EIO'));
}
process.exitCode = await main(process, process.env, process.argv.slice(2));
// What still tries to reach a store that is gone must not keep a command that has said its last word.
setTimeout(() => process.exit(), lingerMs).unref();
// On its way out Node wants to put the terminal back as it was, and dumps core when that is gone. To whom would it say a code?
if (terminalGone) process.kill(process.pid, 'SIGHUP');
