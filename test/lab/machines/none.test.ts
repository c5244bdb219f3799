import { beforeEach, describe, expect, it } from 'vitest';
import { noMachines, type NoMachines } from '../../../src/lab/machines/none.ts';

const spec = {
  port: 5432,
  masterUser: 'postgres',
  masterPassword: 'secret',
  database: 'orders',
  settings: {},
  multiAz: true,
};
const open = { cutSubnets: [], noIngress: [], replicationSurvives: false };

let machines: NoMachines;
beforeEach(async () => {
  machines = noMachines();
  await machines.createDatabase({ ...spec, id: 'primary', address: '127.9.1.4' });
  await machines.createReplica({ ...spec, id: 'replica', address: '127.9.2.4', source: 'primary', delayMs: 0 });
});
const writesOf = (id: string) => machines.state.databases[id]?.writes;

describe('machines that only remember', () => {
  it('replicate acknowledged writes, hold them back while a border is cut, and catch up when it heals', () => {
    expect(machines.write('primary', 1)).toBe(true);
    machines.setNetwork({ ...open, cutSubnets: ['127.9.2'] });
    expect(machines.write('primary', 2)).toBe(true);
    expect([writesOf('primary'), writesOf('replica')]).toEqual([[1, 2], [1]]);
    expect(machines.replication('replica')).toEqual({ streaming: false, lagSeconds: 1, received: '1' });
    machines.setNetwork(open);
    expect(writesOf('replica')).toEqual([1, 2]);
    expect(machines.replication('replica')).toEqual({ streaming: true, lagSeconds: 0, received: '2' });
  });

  it('replicate over a cut border when replication survives it', () => {
    machines.setNetwork({ ...open, cutSubnets: ['127.9.2'], replicationSurvives: true });
    machines.write('primary', 1);
    expect(writesOf('replica')).toEqual([1]);
  });

  it('take writes on primaries only, and on none that is cut, closed or read-only', async () => {
    expect(machines.write('replica', 1)).toBe(false);
    machines.setNetwork({ ...open, cutSubnets: ['127.9.1'] });
    expect(machines.write('primary', 1)).toBe(false);
    machines.setNetwork({ ...open, noIngress: ['127.9.1.4'] });
    expect(machines.write('primary', 1)).toBe(false);
    machines.setNetwork(open);
    await machines.reloadDatabase('primary', { default_transaction_read_only: 'on' });
    expect(machines.write('primary', 1)).toBe(false);
    await machines.promoteDatabase('replica');
    expect(machines.write('replica', 1)).toBe(true);
    expect(machines.replication('replica')).toBeUndefined();
  });

  it('go on from a copy of their state without touching the original', () => {
    const copy = noMachines(structuredClone(machines.state));
    copy.write('primary', 1);
    expect(writesOf('primary')).toEqual([]);
    expect(copy.state.databases['replica']?.writes).toEqual([1]);
  });
});
