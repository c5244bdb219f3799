/** The probe kinds by name: opens what a plan asks for. */
import type { Clock } from '../domain/clock.ts';
import { UsageError } from '../domain/errors.ts';
import type { Probe } from '../domain/drill.ts';
import type { Plan } from '../domain/plan.ts';
import { dnsAnswer } from './dns/answer.ts';
import { Resolver } from './dns/resolver.ts';
import { httpCanary } from './http/canary.ts';
import { httpGet } from './http/get.ts';
import { mysqlCanary } from './mysql/canary.ts';
import { openPosition } from './postgres/position.ts';
import { postgresCanary } from './postgres/canary.ts';
import type { LiveProbe, ProbeKind } from './probe.ts';

const kinds: readonly ProbeKind[] = [dnsAnswer, httpCanary, httpGet, mysqlCanary, postgresCanary];

export interface OpenContext {
  runId: string;
  plan: Plan;
  clock: Clock;
  env: NodeJS.ProcessEnv;
}

/** @throws UsageError when the plan names a probe that doesn't exist, or its parameters can't be used */
export function openProbe(probe: Probe, context: OpenContext): LiveProbe {
  const kind = kinds.find(({ spec }) => spec.name === probe.uses);
  if (!kind) {
    throw new UsageError('probe-unknown', `no probe '${probe.uses}'`, {
      expected: kinds.map(({ spec }) => spec.name).join(', '),
      remedy: `Change what probe ${probe.name} uses.`,
    });
  }
  const { clock, env } = context;
  const base = env['FIREDRILL_RESOLVER'];
  const resolver = new Resolver({ source: probe.resolver ?? base ?? 'system', base, ttl: probe.ttl, clock });
  return kind.open({ ...context, probe, resolver });
}

/** Position samplers of the plan; engines that have no such position are left out. */
export function openPositions({
  plan,
  clock,
  env,
}: OpenContext): { watch: Plan['positions'][number]; live: LiveProbe }[] {
  const base = env['FIREDRILL_RESOLVER'];
  const tls = plan.environment === 'aws';
  return plan.positions
    .filter(({ engine }) => engine.includes('postgres'))
    .map((watch) => {
      const resolver = new Resolver({ source: base ?? 'system', ttl: 'honour', clock });
      return { watch, live: openPosition({ watch, resolver, env, tls }) };
    });
}
