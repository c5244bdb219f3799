#!/usr/bin/env node
/** The command `firedrill`, as a process. */
import { main } from './program.ts';

/** The SDK would print a warning about Node's version above every result; engines in package.json says what works. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
process.exitCode = await main(process, process.env, process.argv.slice(2));
