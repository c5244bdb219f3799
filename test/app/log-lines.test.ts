import { expect, it } from 'vitest';
import { createLogger } from '../../src/app/app.ts';
import { openLogLines } from '../../src/app/log-lines.ts';
import { settingsOf } from '../../src/app/settings.ts';

it('a logger’s lines go to whoever draws on the terminal, until they are given back', () => {
  const lines = openLogLines();
  const logger = createLogger(settingsOf({ FIREDRILL_HOME: '/nowhere' }), lines);
  const [first, second]: string[][] = [[], []];
  const giveBack = lines.divert((line) => first!.push(line));
  logger.warn('one');
  logger.debug('nobody asked for it');
  const giveBackToo = lines.divert((line) => second!.push(line));
  giveBack();
  logger.warn({ password: 'hunter2' }, 'two');
  giveBackToo();
  expect(first!.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ level: 40, msg: 'one' }]);
  expect(second!.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ msg: 'two' }]);
});
