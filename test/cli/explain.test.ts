/** Errors: what a person reads, what a script reads, and the exit code. */
import { describe, expect, it } from 'vitest';
import { errorDocument, explain } from '../../src/cli/explain.ts';
import { leftBehind } from '../../src/cli/left-behind.ts';
import { FiredrillError, LostError, UsageError } from '../../src/domain/errors.ts';
import { PlanError } from '../../src/plan/plan.ts';

const code = (error: unknown): number => explain(error).code;

describe('an error', () => {
  it('says what was expected, what was found, what to do, and its code', () => {
    const error = new UsageError('no-lab', 'no lab is up', { expected: 'a lab', found: 'none', remedy: 'Start one.' });
    expect(explain(error).text).toBe(
      'error: no lab is up\n  expected  a lab\n  found     none\n  do        Start one.\n  code      no-lab',
    );
    expect(JSON.parse(errorDocument(error))).toEqual({
      error: { code: 'no-lab', message: 'no lab is up', expected: 'a lab', found: 'none', remedy: 'Start one.' },
    });
  });

  it('that is a defect keeps its stack for a person, and is called internal', () => {
    const error = new TypeError('x is undefined');
    expect(explain(error).text).toContain('explain.test.ts');
    expect(code(error)).toBe(1);
    expect(JSON.parse(errorDocument(error))).toEqual({
      error: { code: 'internal', message: 'TypeError: x is undefined' },
    });
  });
});

describe('the exit code', () => {
  it.each<[string, unknown, number]>([
    ['what can not be used', new UsageError('bad-duration', ''), 2],
    ['what AWS refuses before the run', new FiredrillError('aws-access-denied', ''), 2],
    ['the wrong account', new FiredrillError('account-mismatch', ''), 2],
    ['a target that is not there: the drill could prove nothing', new FiredrillError('target-not-found', ''), 3],
    ['a backup that could not be read for hours', new FiredrillError('backup-archived', ''), 3],
    ['a database that has no backups', new UsageError('no-backups', ''), 3],
    ['a snapshot that is still being made', new UsageError('snapshot-not-available', ''), 3],
    ['an AWS that does not get round to it', new FiredrillError('aws-throttled', ''), 3],
    ['a secret that is not there', new UsageError('secret-missing', ''), 2],
    ['a lab that does not start', new FiredrillError('lab-failed', ''), 3],
    ['samples that were changed', new FiredrillError('samples-broken', ''), 1],
    ['a run that another process took over', new LostError('r1'), 3],
    ['targets that are not there, all of them', new PlanError([notFound(), notFound()]), 3],
    ['a target that is not there beside one that can not be used', new PlanError([notFound(), tooMany()]), 2],
  ])('of %s', (_, error, expected) => {
    expect(code(error)).toBe(expected);
  });
});

const notFound = () => new FiredrillError('target-not-found', 'nothing found');
const tooMany = () => new FiredrillError('target-too-many', 'ten found');

describe('a run that broke off', () => {
  it('is left to a person, who is told how to go on and what the defect was', () => {
    const left = leftBehind(new TypeError('x is undefined'), 'r1', false);
    expect(code(left)).toBe(5);
    expect(explain(left).text).toMatch(/r1 was left in the middle[\s\S]*firedrill undo r1[\s\S]*explain\.test\.ts/);
  });

  it('says once that the store went away, which is no defect', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    const left = leftBehind(refused, 'r1', false);
    expect(code(left)).toBe(5);
    expect(explain(left).text).toMatch(/r1 was left in the middle.*: the store can not be reached any more \(connect/);
    expect(explain(left).text).not.toMatch(/firedrill broke|    at /);
  });

  it('needs nobody when it was a rehearsal, whose lab is gone', () => {
    const left = leftBehind(new Error('the store is gone'), 'r1', true);
    expect(code(left)).toBe(3);
    expect(explain(left).text).not.toContain('undo r1');
  });

  it('goes on elsewhere when another process drives it', () => {
    const lost = new LostError('r1');
    expect(leftBehind(lost, 'r1', false)).toBe(lost);
    const driven = new FiredrillError('run-is-driven', '');
    expect(leftBehind(driven, 'r1', false)).toBe(driven);
    expect(code(driven)).toBe(2);
  });
});
