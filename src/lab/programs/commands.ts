/**
 * The commands that an image has installed, as scripts on its PATH. The work is done by the image's program, because the user of an
 * instance may not be able to read programs: a script hands its arguments over and shows what it is told.
 *
 *   bin/NAME --arguments, one per line--> .calls/ID.request --> program --" text" ... "exit N"--> .calls/ID.output --> bin/NAME
 */
import { watch } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** What a command says goes to whoever called it, a line at a time. It fails by throwing. */
export type Command = (args: readonly string[], say: (line: string) => void) => Promise<void>;

/** Holds its end of the pipe open before it asks, so that no answer is lost however quick it is. */
const script = (calls: string, name: string): string => `#!/bin/sh
# ${name}: asks the machine's own program to do it, shows what that says, and ends as it ends.
set -eu
call=$(mktemp '${calls}/XXXXXX')
mkfifo "$call.output"
exec 3<>"$call.output"
trap 'rm -f "$call" "$call.output"' EXIT
trap 'exit 143' HUP INT TERM
printf '%s\\n' '${name}' "$@" >"$call"
mv "$call" "$call.request"
while IFS= read -r line <&3; do
  case $line in
    'exit '*) exit "\${line#exit }" ;;
    *) printf '%s\\n' "\${line# }" ;;
  esac
done
exit 1
`;

/** Installs the commands in `bin` of the instance's directory. Resolves when they can be called; they can until it is closed. */
export async function serveCommands(
  home: string,
  commands: Readonly<Record<string, Command>>,
): Promise<{ close(): void }> {
  const [calls, bin] = [join(home, '.calls'), join(home, 'bin')];
  await rm(calls, { recursive: true, force: true });
  await mkdir(calls, { recursive: true });
  await mkdir(bin, { recursive: true });
  for (const name of Object.keys(commands)) {
    await writeFile(join(bin, name), script(calls, name));
    await chmod(join(bin, name), 0o755);
  }
  const answerAll = async () => {
    for (const file of await list(calls)) if (file.endsWith('.request')) void answer(join(calls, file), commands);
  };
  return watch(calls, () => void answerAll());
}

/** Nothing once the directory is gone with its instance: that it goes is news of it, too. */
const list = (calls: string): Promise<string[]> =>
  readdir(calls).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

/** Opens the pipe for reading too, so that nobody is waited for; undefined when the caller is gone and took it along. */
const openPipe = (path: string): Promise<FileHandle | undefined> =>
  open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

async function answer(request: string, commands: Readonly<Record<string, Command>>): Promise<void> {
  const taken = request.replace(/request$/, 'taken');
  try {
    await rename(request, taken);
  } catch (error) {
    // The event before this one had it taken already.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const [name = '', ...args] = (await readFile(taken, 'utf8')).split('\n').slice(0, -1);
  await rm(taken);
  const output = await openPipe(request.replace(/request$/, 'output'));
  if (output === undefined) return;
  let told: Promise<unknown> = Promise.resolve();
  const tell = (line: string) => (told = told.then(() => output.write(`${line}\n`)));
  const say = (text: string) => {
    for (const line of text.split('\n')) void tell(` ${line}`);
  };
  try {
    await commands[name]?.(args, say);
    await tell('exit 0');
  } catch (error) {
    say(`${name}: ${(error as Error).message}`);
    await tell('exit 1');
  } finally {
    await output.close();
  }
}
