import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { pdfReport } from '../../src/report/pdf.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-test-pdf-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(directory, { recursive: true }));

/** A browser that prints what it was given to look at. */
async function browser(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const printing = `for a in "$@"; do case $a in
  --print-to-pdf=*) out=\${a#--print-to-pdf=};;
  file://*) in=\${a#file://};;
esac; done
echo "$@" > "$0.args"
{ printf '%%PDF '; cat "$in"; } > "$out"`;

describe('a PDF', () => {
  it('is printed by the Chromium that is found on PATH, headless and without headers', async () => {
    const path = await browser('chromium', printing);
    const pdf = Buffer.from(await pdfReport('<p>page</p>', { PATH: `${directory}:/usr/bin:/bin` }));
    expect(pdf.toString()).toBe('%PDF <p>page</p>');
    const args = await readFile(`${path}.args`, 'utf8');
    expect(args).toContain('--headless');
    expect(args).toContain('--no-pdf-header-footer');
  });

  it('comes from CHROMIUM_PATH where that is set', async () => {
    const own = await browser('my-browser', printing);
    const pdf = await pdfReport('<p>mine</p>', { PATH: '/usr/bin:/bin', CHROMIUM_PATH: own });
    expect(Buffer.from(pdf).toString()).toContain('mine');
  });

  it('says exactly how to get a browser when there is none', async () => {
    await expect(pdfReport('', { PATH: join(directory, 'nothing') })).rejects.toMatchObject({
      code: 'no-chromium',
      remedy: expect.stringContaining('apt-get install chromium'),
    });
    const CHROMIUM_PATH = join(directory, 'missing');
    await expect(pdfReport('', { CHROMIUM_PATH })).rejects.toMatchObject({ code: 'no-chromium', found: CHROMIUM_PATH });
  });

  it('says so when the browser prints nothing, and leaves no file behind', async () => {
    const broken = await browser('broken', 'exit 1');
    // A place of its own: others may have a page printed at the same moment.
    const place = await mkdtemp(join(directory, 'tmp-'));
    vi.stubEnv('TMPDIR', place);
    await expect(pdfReport('', { CHROMIUM_PATH: broken, PATH: '/bin' })).rejects.toMatchObject({ code: 'pdf-failed' });
    expect(await readdir(place)).toEqual([]);
  });
});
