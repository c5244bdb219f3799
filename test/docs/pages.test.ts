/** What the pages say that can be looked up: files, headings, commands and their options, and code that they quote. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/app/catalogue.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { firedrill } from '../cli/support/firedrill.ts';

const under = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
const pages = ['README.md', 'CHANGELOG.md', ...under('docs')].sort();
const textOf = (page: string): string => readFileSync(page, 'utf8');

/** As GitHub makes a heading's anchor. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsIn = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

/** Blocks and words in the type of a machine. */
function codeIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  const indented = [...text.matchAll(/^ {4}.+$/gm)].map(([line]) => line);
  const words = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
  return [...blocks.flatMap((block) => block.split('\n')), ...indented, ...words].map((line) =>
    line.replaceAll('\n', ' '),
  );
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    for (const [, link] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const [path = '', anchor] = link!.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      expect(existsSync(file), `${page} links to ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(file), `${page} links to ${link}`).toContain(anchor);
    }
  });

  it('names files of the project that are there', () => {
    for (const code of codeIn(textOf(page))) {
      for (const [path] of code.matchAll(/(?<![\w/.-])(?:src|test|docs|drills|schema)\/[\w./-]*\w/g)) {
        if (/\/my-|^drills\/my/.test(path) || code.includes('<')) continue;
        expect(existsSync(path), `${page} names ${path}`).toBe(true);
      }
    }
  });

  it('calls commands that there are, with options that they have', async () => {
    for (const line of codeIn(textOf(page))) {
      for (const [, said] of line.matchAll(/\bfiredrill ((?:[^`"#|()\\]|\\.)+)/g)) {
        const [first = '', second = '', ...rest] = said!.trim().split(/\s+/);
        if (!/^[a-z][a-z-]+$/.test(first)) continue;
        const command =
          ['lab', 'runs', 'events'].includes(first) && /^[a-z]+$/.test(second) ? [first, second] : [first];
        const { code, stdout } = await firedrill([...command, '--help']);
        expect(code, `${page} calls firedrill ${said}`).toBe(0);
        expect(stdout, `${page} calls firedrill ${said}`).toContain(`Usage: firedrill ${command.join(' ')}`);
        for (const option of [second, ...rest].filter((word) => /^--[a-z]/.test(word))) {
          expect(stdout, `${page} calls firedrill ${said}`).toContain(option);
        }
      }
    }
  });

  it('shows drills that could be run', () => {
    for (const [, text] of textOf(page).matchAll(/^```yaml\n(apiVersion:[\s\S]*?)^```$/gm)) {
      const { diagnostics } = readDefinition({ file: page, text: text!, catalogue, purpose: 'validate' });
      expect(diagnostics).toEqual([]);
    }
  });

  it('quotes code as it is', () => {
    for (const [, path, quoted] of textOf(page).matchAll(/^<!-- (\S+\.ts) -->\n```ts\n([\s\S]*?)^```$/gm)) {
      expect(readFileSync(path!, 'utf8'), `${page} quotes ${path}`).toContain(quoted);
    }
  });

  it('quotes no code of which nobody knows where it is from', () => {
    const quotes = (pattern: RegExp): number => [...textOf(page).matchAll(pattern)].length;
    expect(quotes(/^```ts$/gm)).toBe(quotes(/^<!-- \S+\.ts -->\n```ts$/gm));
  });
});

it('the way of a drill through the code leads by every folder', () => {
  const told = textOf('docs/architecture.md');
  for (const folder of readdirSync('src')) expect(told).toMatch(new RegExp(`\\bsrc/${folder}\\b`));
});

it('every drill, script and page is named by some page', () => {
  const all = pages.map(textOf).join('\n');
  const files = ['drills', 'drills/scripts'].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : [])),
  );
  const others = under('docs').flatMap((page) => (page.includes('decisions') ? [] : [page.slice('docs/'.length)]));
  for (const name of [...files, ...others]) expect(all.includes(name), `nothing names ${name}`).toBe(true);
});
