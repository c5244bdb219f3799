import { describe, expect, it } from 'vitest';
import { controlsIn, isLayout, onOneLine, replaceControls } from '../../src/domain/control-characters.ts';

describe('control characters', () => {
  it('are those that steer what shows a text: cursor, lines, and the direction of writing', () => {
    const steering = ['\u0000', '\t', '\n', '\r', '\u001B', '\u007F', '\u0085', '\u009B', '\u2028', '\u2029'];
    const turning = ['\u202A', '\u202D', '\u202E', '\u2066', '\u2069'];
    for (const character of [...steering, ...turning]) expect(controlsIn(`a${character}b`)).toEqual([character]);
  });

  it('are none of what is written, in any script', () => {
    expect(
      controlsIn(
        'Größe 100 % – \u05E9\u05DC\u05D5\u05DD\u200F! \u200E(1) \u{1F525} \u{1F469}\u200D\u{1F692} \u00AD\uFEFF',
      ),
    ).toEqual([]);
  });

  it('are replaced one by one, or a run of them by a space', () => {
    expect(replaceControls('a\t\u0007b', (character) => (isLayout(character) ? character : '?'))).toBe('a\t?b');
    expect(onOneLine('a\r\n\u001B\u202Eb c')).toBe('a b c');
  });

  it('are found however often a text is looked at', () => {
    expect([1, 2, 3].map(() => controlsIn('\u0007').length)).toEqual([1, 1, 1]);
  });
});
