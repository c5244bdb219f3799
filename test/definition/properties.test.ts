import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../src/definition/render.ts';
import { suggest } from '../../src/definition/suggest.ts';
import { bases, sample, validate } from './samples.ts';

const texts = bases.map(sample);

/** A good definition with a few pieces cut out, doubled, moved or replaced. */
const mutated = fc
  .record({
    text: fc.constantFrom(...texts),
    changes: fc.array(
      fc.record({
        at: fc.nat(),
        length: fc.integer({ min: 0, max: 40 }),
        put: fc.oneof(
          fc.constantFrom(
            '',
            ' ',
            '\n',
            ': ',
            '- ',
            '{',
            '}',
            '[',
            ']',
            '"',
            "'",
            '#',
            '&a',
            '*a',
            '!!int',
            '$(',
            ')',
            '${{ x }}',
          ),
          fc.constantFrom(
            '$(targets.',
            '$(steps.go.outputs.by)',
            '\t',
            '\r\n',
            '---\n',
            '|\n  x',
            '~',
            '\uFEFF',
            '\uE000',
            '😀',
          ),
          fc.string({ maxLength: 8, unit: 'binary' }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ text, changes }) =>
    changes.reduce((changed, { at, length, put }) => {
      const from = at % (changed.length + 1);
      return changed.slice(0, from) + put + changed.slice(from + length);
    }, text),
  );

describe('any text at all', () => {
  it('is read without an exception, and every diagnostic lies inside it', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const { drill, diagnostics } = validate(text);
        const lines = text.split('\n');
        for (const { line, column, length, message } of diagnostics) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
          expect(length).toBeGreaterThanOrEqual(1);
          expect(message).not.toBe('');
        }
        expect(drill === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        const rendered = renderDiagnostics(diagnostics, [{ file: 'drill.yaml', text }], { color: false });
        expect(rendered === '').toBe(diagnostics.length === 0);
      }),
      { numRuns: 120 },
    );
  });

  it('that is random is refused, never thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(validate(text).diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a suggestion', () => {
  it('is found for every slip of one letter in a long enough word', () => {
    const words = ['passive-db', 'rds/promote-replica', 'timeout', 'objectives'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (word, at, slip) => {
        const index = at % (word.length - 1);
        const [a, b] = [word[index]!, word[index + 1]!];
        const middle = { drop: b, double: a + a + b, swap: b + a }[slip];
        expect(suggest(word.slice(0, index) + middle + word.slice(index + 2), words)).toBe(word);
      }),
    );
  });

  it('is always one of the known words, and none for a word of another kind', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 5 }), (word, known) => {
        const found = suggest(word, known);
        expect(found === undefined || known.includes(found)).toBe(true);
      }),
    );
    expect(suggest('siren', ['active-down', 'passive-db'])).toBeUndefined();
  });
});
