import { describe, expect, it } from 'vitest';
import { apiFault, apiFaults } from '../../src/lab/api-faults.ts';
import { LoseAnswer, type Call } from '../../src/lab/wire/handler.ts';

const call: Call = {
  service: 'rds',
  operation: 'PromoteReadReplica',
  region: 'eu-west-1',
  account: '000000000000',
  accessKeyId: '000000000000',
  requestId: 'r-1',
  origin: 'http://127.1.0.1:4566',
};
const throttle = { kind: 'error', code: 'Throttling', status: 400, message: 'Rate exceeded' };
const faulty = (...added: unknown[]) => {
  const faults = apiFaults();
  for (const each of added) faults.add(apiFault.parse(each));
  return faults;
};
const before = async (faults: ReturnType<typeof apiFaults>, hit: Call = call) => faults.hooks.before?.(hit, {});
const after = async (faults: ReturnType<typeof apiFaults>, hit: Call = call) => faults.hooks.after?.(hit, {}, {});

describe('an API fault', () => {
  it('hits the calls that it names, as often as it says', async () => {
    const faults = faulty({ service: 'rds', region: 'eu-west-1', times: 2, fault: throttle });
    await before(faults, { ...call, region: 'eu-central-1' });
    await before(faults, { ...call, service: 'ec2' });
    await expect(before(faults)).rejects.toMatchObject({ code: 'Throttling', status: 400 });
    await expect(before(faults)).rejects.toMatchObject({ code: 'Throttling' });
    await before(faults);
  });

  it('goes on until it is cleared where no number is given', async () => {
    const faults = faulty({ operation: 'PromoteReadReplica', fault: throttle });
    for (let n = 0; n < 5; n += 1) await expect(before(faults)).rejects.toThrow('Rate exceeded');
    faults.clear();
    await before(faults);
  });

  it('loses an answer after the effect, a call before it', async () => {
    const answer = faulty({ fault: { kind: 'lose-answer' } });
    await before(answer);
    await expect(after(answer)).rejects.toBeInstanceOf(LoseAnswer);
    const lost = faulty({ fault: { kind: 'lose-call' } });
    await expect(before(lost)).rejects.toBeInstanceOf(LoseAnswer);
    await after(lost);
  });

  it('makes calls slow', async () => {
    const faults = faulty({ fault: { kind: 'delay', ms: 60 } });
    const began = performance.now();
    await before(faults);
    expect(performance.now() - began).toBeGreaterThan(55);
  });

  it('is refused when it makes no sense', () => {
    expect(apiFault.safeParse({ fault: { kind: 'explode' } }).success).toBe(false);
    expect(apiFault.safeParse({ servise: 'rds', fault: throttle }).success).toBe(false);
  });
});
