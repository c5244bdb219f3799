/** An HTML report as PDF, printed by a Chromium that is already on the machine. firedrill brings none and fetches none. */
import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { FiredrillError, UsageError } from '../domain/errors.ts';

const run = promisify(execFile);

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const longestMs = 60_000;

/**
 * @param page a whole HTML page
 * @param env PATH, and CHROMIUM_PATH where the browser lies elsewhere
 * @throws UsageError `no-chromium` when there is no browser
 * @throws FiredrillError `pdf-failed` when it printed nothing
 */
export async function pdfReport(page: string, env: NodeJS.ProcessEnv): Promise<Uint8Array> {
  const chromium = await findChromium(env);
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-pdf-'));
  const source = join(directory, 'report.html');
  const target = join(directory, 'report.pdf');
  try {
    await writeFile(source, page, { mode: 0o600 });
    await run(chromium, [...flags(directory, target), pathToFileURL(source).href], { env, timeout: longestMs });
    return await readFile(target);
  } catch (cause) {
    throw new FiredrillError('pdf-failed', `${chromium} did not print the report`, {
      remedy: 'Write the report with --format html and print it from a browser.',
      cause,
    });
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Chromium refuses its sandbox as root; the page it prints holds no script and may load nothing. */
const flags = (directory: string, target: string): string[] => [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-pdf-header-footer',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  `--user-data-dir=${join(directory, 'profile')}`,
  `--print-to-pdf=${target}`,
];

async function findChromium(env: NodeJS.ProcessEnv): Promise<string> {
  const own = env['CHROMIUM_PATH'];
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = own ? [own] : names.flatMap((name) => directories.map((directory) => join(directory, name)));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new UsageError('no-chromium', 'a PDF needs Chromium or Chrome on this machine', {
    expected: own ? `an executable at CHROMIUM_PATH` : `one of ${names.join(', ')} on PATH`,
    found: own ?? 'none',
    remedy:
      'Install it (Debian and Ubuntu: apt-get install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium) ' +
      'or set CHROMIUM_PATH, or write --format html and print that from a browser.',
  });
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
