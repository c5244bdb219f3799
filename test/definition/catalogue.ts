/**
 * The catalogue that these tests read definitions with: the product's own, and beside it actions and probes that exercise what
 * the format allows and the product has no action for.
 */
import { z } from 'zod';
import { actionSpecs } from '../../src/actions/specs.ts';
import type { ActionSpec, Catalogue, ProbeSpec } from '../../src/domain/catalogue.ts';
import { count, duration, percent, rate, target, text } from '../../src/domain/fields.ts';
import { targetSpecs } from '../../src/plan/targets/specs.ts';
import { probeSpecs } from '../../src/probes/specs.ts';

const action = (name: string, params: Record<string, z.ZodType>, rest: Partial<ActionSpec> = {}): ActionSpec => ({
  name,
  describes: `Stands for ${name}`,
  params: z.strictObject(params),
  effect: 'changes',
  timeoutMs: 600_000,
  ...rest,
});

const moreActions: ActionSpec[] = [
  action('autoscaling/exclude-az', { group: target('autoscaling/group'), az: text() }),
  action('autoscaling/await-balance', { group: target('autoscaling/group') }, { effect: 'observes' }),
  action('rds/reboot-with-failover', { database: target('rds/instance') }, { fault: true, simulatesProvider: true }),
  action('s3/purge', { backups: target('s3/objects') }, { irreversible: true }),
  action('cache/scale', { to: z.union([count(), z.strictObject({ share: percent() })]), ttl: duration().optional() }),
];

const probe = (name: string, params: Record<string, z.ZodType>): ProbeSpec => ({
  name,
  describes: `Stands for ${name}`,
  params: z.strictObject(params),
});

const moreProbes: ProbeSpec[] = [
  probe('http/load', { url: text(), rate: rate(), maxErrors: percent().optional(), maxP99: duration().optional() }),
  probe('elbv2/zone-health', { targetGroup: target('elbv2/target-group'), az: text() }),
];

const merge = <T>(own: readonly T[], more: readonly T[], key: (one: T) => string): Map<string, T> =>
  new Map([...more, ...own].map((one) => [key(one), one]));

export const catalogue: Catalogue = {
  actions: merge(actionSpecs, moreActions, ({ name }) => name),
  probes: merge(probeSpecs, moreProbes, ({ name }) => name),
  targets: new Map(targetSpecs.map((spec) => [spec.type, spec])),
};
