import { describe, expect, it } from 'vitest';
import { differentPeople, samePerson } from '../../src/domain/people.ts';

describe('a name', () => {
  it.each([
    ['ada', 'ada'],
    ['ada', 'ada@build-7'],
    ['ada@build-7', 'ada'],
  ])('%s may be the person %s', (a, b) => {
    expect(samePerson(a, b)).toBe(true);
  });

  it.each([
    ['ada', 'grace'],
    ['ada@build-7', 'grace@build-7'],
    ['ada@example.com', 'ada@example.org'],
    ['ad', 'ada@build-7'],
  ])('%s is not the person %s', (a, b) => {
    expect(samePerson(a, b)).toBe(false);
  });

  it('counts once for a person, however it is written', () => {
    expect(differentPeople(['ada', 'ada@build-7', 'grace', 'ada'])).toEqual(['ada', 'grace']);
  });
});
