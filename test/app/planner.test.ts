/** What a plan says of steps that take what an earlier one would not give. What exists is stood in for. */
import { expect, it } from 'vitest';
import type { Action } from '../../src/actions/action.ts';
import { catalogue } from '../../src/app/catalogue.ts';
import { planDrill } from '../../src/app/planner.ts';
import type { PlannerDeps } from '../../src/app/planner.ts';
import { readDefinition } from '../../src/definition/definition.ts';
import { loadDefinition } from '../../src/definition/files.ts';
import type { Finding } from '../../src/domain/plan.ts';
import { fastClock } from '../actions/support/lab.ts';

const file = 'drills/restore-dump-to-fresh-instance.yaml';
const why = 'No manifest belongs to nightly/a.dump: nightly/a.dump.manifest.json is not there.';

/** Of a plan in which `find` would not give these outputs. */
async function findings(lacks: Record<string, string>, edit = (text: string): string => text): Promise<Finding[]> {
  const definition = await loadDefinition(file);
  const text = edit(definition.text);
  const { drill, diagnostics } = readDefinition({ ...definition, text, catalogue, purpose: 'rehearse' });
  expect(diagnostics).toEqual([]);
  const shown = { touches: [], permissions: [], findings: [] };
  const actions = [...catalogue.actions].map(([name, spec]): [string, Action] => {
    const preview = () => ({ ...shown, ...(name === 's3/find-backup' && { lacks }) });
    return [name, { spec, parts: () => [], preview }];
  });
  const targetTypes = [...catalogue.targets.values()].map((spec) => ({
    spec,
    reads: [],
    resolve: () => Promise.resolve([{ id: 'one', facts: {} }]),
  }));
  const env = { FIREDRILL_LAB_VERIFIER_PASSWORD: 'secret' };
  const aws = {} as PlannerDeps['aws'];
  const deps = { actions: new Map(actions), targetTypes, aws, clock: fastClock, env };
  const plan = await planDrill(deps, drill!, { runId: 'r1', environment: 'lab' });
  return plan.findings.filter(({ code }) => code === 'output-missing');
}

it('warns of a verification whose manifest the backup does not have: it would prove nothing', async () => {
  expect(await findings({ manifest: why })).toEqual([
    {
      severity: 'warn',
      code: 'output-missing',
      step: 'contents',
      message: `As things are, this step will prove nothing, for it takes the manifest that find finds. ${why}`,
      remedy: expect.any(String) as string,
    },
  ]);
});

it('warns of nothing when the manifest is there, or nobody takes it', async () => {
  expect(await findings({})).toEqual([]);
  const without = (text: string): string =>
    text.replace(/ +manifest: .*\n/, '').replaceAll(', rows: equal, checksum: all', '');
  expect(await findings({ manifest: why }, without)).toEqual([]);
});
