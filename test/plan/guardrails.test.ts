/** Whether the plan notices that a guardrail's alarm could not do its work. */
import { describe, expect, it } from 'vitest';
import { guardrailFindings } from '../../src/plan/guardrails.ts';
import { drillOf, resolved } from './drill.ts';

const guarded = drillOf(
  {},
  { guardrails: { maxDurationMs: 1, stopOn: [{ alarm: 'errors' }, { probe: 'read', badMs: 1 }], blackout: [] } },
);
const alarmIn = (state: string) => ({
  errors: resolved('errors', { items: [{ id: 'shop-errors', facts: { state } }] }),
});

describe('an alarm that shall stop the run', () => {
  it('is fine while it is quiet', () => {
    expect(guardrailFindings(guarded, alarmIn('OK'))).toEqual([]);
  });

  it('refuses the run when it is on before', () => {
    expect(guardrailFindings(guarded, alarmIn('ALARM'))).toMatchObject([
      { severity: 'refuse', code: 'guardrail-alarm-on', message: expect.stringContaining('shop-errors') },
    ]);
  });

  it('refuses the run when there is no such alarm', () => {
    expect(guardrailFindings(guarded, { errors: resolved('errors', { items: [] }) })).toMatchObject([
      { severity: 'refuse', code: 'guardrail-alarm-missing' },
    ]);
  });

  it('is pointed at when the drill itself waits for it to go off', () => {
    const detect = [{ id: 'alarm', uses: 'look', with: { alarm: 'errors' } }];
    const waiting = { ...guarded, steps: drillOf({ detect }).steps };
    expect(guardrailFindings(waiting, alarmIn('OK'))).toMatchObject([
      { severity: 'warn', code: 'guardrail-alarm-awaited', step: 'alarm' },
    ]);
  });

  it('is pointed at when it has no data', () => {
    expect(guardrailFindings(guarded, alarmIn('INSUFFICIENT_DATA'))).toMatchObject([
      { severity: 'warn', code: 'guardrail-alarm-without-data' },
    ]);
  });
});
