/** Every way in which a restore has gone wrong for somebody, done on purpose: each is caught, told by name, and leaves nothing. */
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { RestoreLab } from '../e2e/restore-lab.ts';
import { refusals, sabotages } from '../e2e/sabotage.ts';
import { expectCaught } from '../e2e/sabotaged.ts';
import { report } from './rounds.ts';

let stage: RestoreLab;
beforeAll(async () => {
  stage = await RestoreLab.open();
});
afterAll(() => stage.close());

describe('a restore is no pass with', () => {
  test.concurrent.each([...sabotages])('$name', async (sabotage) => {
    report(`${sabotage.name}: ${await expectCaught(stage, sabotage)}`);
  });

  test('and all of them leave the estate as before', () => stage.expectAsBefore());
});

describe('a restore is no pass when AWS refuses:', () => {
  afterEach(() => stage.expectAsBefore());

  test.each([...refusals])('$name', async (sabotage) => {
    report(`${sabotage.name}: ${await expectCaught(stage, sabotage)}`);
  });
});
