/** What the environment says. */
import { expect, it } from 'vitest';
import { settingsOf } from '../../src/app/settings.ts';

it('an empty environment gives a home of its own, no shared store, no queue, and quiet', () => {
  const { home, ...others } = settingsOf({ HOME: '/home/ada' });
  expect(home).toBe(process.geteuid?.() === 0 ? '/var/lib/firedrill' : '/home/ada/.firedrill');
  expect(others).toEqual({ databaseUrl: undefined, queueUrl: undefined, logLevel: 'warn' });
});

it('variables say where and how much; empty ones say nothing', () => {
  const given = {
    FIREDRILL_HOME: '/srv/drills',
    FIREDRILL_DATABASE_URL: 'postgres://db/drills',
    FIREDRILL_EVENTS_QUEUE_URL: 'https://queue.example/events.fifo',
    FIREDRILL_LOG_LEVEL: 'debug',
  };
  expect(settingsOf(given)).toEqual({
    home: '/srv/drills',
    databaseUrl: 'postgres://db/drills',
    queueUrl: 'https://queue.example/events.fifo',
    logLevel: 'debug',
  });
  const empty = Object.fromEntries(Object.keys(given).map((name) => [name, '']));
  expect(settingsOf(empty)).toEqual(settingsOf({}));
});

it('a level that no log has is refused, with those that there are', () => {
  expect(() => settingsOf({ FIREDRILL_LOG_LEVEL: 'loud' })).toThrow(
    expect.objectContaining({ code: 'bad-log-level', found: 'loud', expected: expect.stringContaining('debug') }),
  );
});
