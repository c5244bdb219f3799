import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../src/report/log-line.ts';
import { attack } from './hostile.ts';

const line = (row: object): string => `${JSON.stringify({ time: 1, ...row })}\n`;

describe('a line of the log as a sentence', () => {
  it('says what is wrong, why, and what to do', () => {
    const error = { code: 'queue-gone', message: 'the queue is gone', remedy: 'Make it again' };
    expect(sentenceOf(line({ level: 40, error, queue: 'q', msg: 'step events wait in the store' }))).toBe(
      'warning: step events wait in the store: the queue is gone. Make it again',
    );
    expect(sentenceOf(line({ level: 40, error: 'ECONNRESET', msg: 'a connection broke' }))).toBe(
      'warning: a connection broke: ECONNRESET',
    );
  });

  it('keeps what it knows where it has no words for it', () => {
    expect(sentenceOf(line({ level: 50, dbos: 'something' }))).toBe('error: {"dbos":"something"}');
    expect(sentenceOf(line({ level: 20, service: 'rds', msg: 'aws call' }))).toBe('log: aws call: {"service":"rds"}');
  });

  it('is the line itself when that is no log line', () => {
    expect(['hello\n', '5\n', '[1]'].map(sentenceOf)).toEqual(['hello', '5', '[1]']);
  });

  it('steers no terminal', () => {
    const said = [attack, line({ level: 40, msg: attack })].map(sentenceOf).join('');
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(said).not.toMatch(/[\u0000-\u001f]/);
  });
});
