import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../src/definition/render.ts';
import { edited, validate } from './samples.ts';

const render = (text: string, color = false): string =>
  renderDiagnostics(validate(text).diagnostics, [{ file: 'drill.yaml', text }], { color });

describe('diagnostics on a screen', () => {
  it('show place, code, message, suggestion, the line and a caret under the mistake', async () => {
    const text = edited('failover', [
      ['title: Customers', 'title: Orders: customers'],
      ['login: env:SHOP_DRILL_LOGIN', 'login: swordfish'],
      ['    domain: shop.example\n', ''],
      ['max: 30s', 'max: 30'],
      ['uses: rds/promote-replica', 'uses: rds/promote-replca'],
      ['/1 }, every: 200ms', '/1 }, every: 10m'],
    ]);
    await expect(`${render(text)}\n`).toMatchFileSnapshot('golden/several-mistakes.txt');
  });

  it('mask what was written in the place of a secret, in every line that shows it', () => {
    const text = edited('throwaway', [['login: env:SHOP_DRILL_LOGIN }', 'login: swordfish, extra: 1 }']]);
    const rendered = render(text);
    expect(rendered).toContain('secret-in-file');
    expect(rendered).toContain('unknown-parameter');
    expect(rendered).not.toContain('swordfish');
    expect(rendered).toContain('login: *********');
  });

  it('keep tabs in front of the caret, so that it stands under the mistake', () => {
    const rendered = render('apiVersion: firedrill/v1\na:\t{ b:\t*x }\n');
    const [, line, caret] = rendered
      .split('\n\n')
      .find((one) => one.includes('alias'))!
      .split('\n');
    expect(line!.slice(8)).toBe('a:\t{ b:\t*x }');
    expect(caret!.slice(8)).toBe('  \t    \t^^');
  });

  it('show the part of a long line in which the mistake is', () => {
    const rendered = render(`apiVersion: firedrill/v1\ntitle: ${'x'.repeat(500)} $name ${'y'.repeat(500)}\n`);
    const [, line, caret] = rendered
      .split('\n\n')
      .find((one) => one.includes('foreign-expression'))!
      .split('\n');
    expect(line!.length).toBeLessThan(200);
    const start = caret!.indexOf('^');
    expect(line!.slice(start, caret!.length)).toBe('$name');
  });

  it('show what a terminal would obey, and do not send it', () => {
    const text = edited('failover', [['title: Customers', 'titel: \u001B]0;owned\u0007\u202ECustomers\u2028']]);
    const rendered = render(text);
    for (const obeyed of ['\u001B', '\u0007', '\u202E', '\u2028']) expect(rendered).not.toContain(obeyed);
    expect(rendered).toContain('titel: \u241B]0;owned\u2407\uFFFDCustomers');
  });

  it('say of lists in lists without an end what is wrong, and not what broke', () => {
    const deep = `apiVersion: firedrill/v1\nname: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`;
    expect(render(deep)).toContain('yaml-syntax  the file is nested too deeply to be read');
  });

  it('are coloured only when asked for', () => {
    const text = edited('failover', [['rto: 20m', 'rto: 20']]);
    expect(render(text)).not.toContain('\u001B[');
    expect(render(text, true)).toContain('\u001B[31mneeds-unit');
  });
});
