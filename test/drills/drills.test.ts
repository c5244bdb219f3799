import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/app/catalogue.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { loadDefinition } from '../../src/definition/files.ts';

const files = readdirSync('drills').filter((file) => file.endsWith('.yaml'));

describe('the shipped drills', () => {
  it('are these', () => {
    expect(files).toEqual([
      'promote-throwaway-replica.yaml',
      'regional-failover.yaml',
      'regional-switchover.yaml',
      'restore-dump-to-fresh-instance.yaml',
      'restore-rds-point-in-time.yaml',
      'restore-rds-snapshot.yaml',
      'restore-snapshot-cross-region.yaml',
    ]);
  });

  it.each(files)('can be used as they are: %s', async (file) => {
    const loaded = await loadDefinition(`drills/${file}`);
    const { drill, diagnostics } = readDefinition({ ...loaded, catalogue, purpose: 'validate' });
    expect(diagnostics).toEqual([]);
    expect(drill!.name).toBe(file.replace('.yaml', ''));
  });

  it.each(files)('can be rehearsed and scheduled with the values of production: %s', (file) => {
    const text = readFileSync(`drills/${file}`, 'utf8');
    const read = { file, text, catalogue };
    expect(readDefinition({ ...read, purpose: 'rehearse' }).drill?.lab?.estate).toMatch(/^(multi-region|single-instance)$/);
    expect(readDefinition({ ...read, purpose: 'run', valueSets: ['prod'] }).drill?.values).toBe('prod');
  });

  it('promise what their titles say', async () => {
    const objectives = async (file: string) => {
      const loaded = await loadDefinition(`drills/${file}`);
      return readDefinition({ ...loaded, catalogue, purpose: 'rehearse' }).drill!.objectives;
    };
    expect(await objectives('regional-failover.yaml')).toMatchObject({ rtoMs: 1_200_000, rpoMs: 60_000 });
    expect(await objectives('regional-switchover.yaml')).toMatchObject({ rpoMs: 0, failback: { rpoMs: 0 } });
    expect(await objectives('promote-throwaway-replica.yaml')).toMatchObject({ rtoMs: 10_800_000 });
    expect(await objectives('restore-rds-point-in-time.yaml')).toMatchObject({ rtoMs: 7_200_000, rpoMs: 900_000 });
    expect(await objectives('restore-rds-snapshot.yaml')).toMatchObject({ rtoMs: 7_200_000, rpoMs: 93_600_000 });
    expect(await objectives('restore-snapshot-cross-region.yaml')).toMatchObject({ rtoMs: 14_400_000 });
  });
});
