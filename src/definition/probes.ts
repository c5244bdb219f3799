/** The section `probes`: what users see, all the time. */
import type { Catalogue, ProbeSpec } from '../domain/catalogue.ts';
import type { Expectation, Probe } from '../domain/drill.ts';
import { entitiesOf } from './entities.ts';
import type { Named } from './entities.ts';
import { readParams, readShape, refuseComputed } from './read.ts';
import type { Reading } from './read.ts';
import { probeBaseShape } from './schema.ts';
import { suggest } from './suggest.ts';
import { child, entryOf, isBroken, plain, textChild } from './tree.ts';
import type { Part } from './values.ts';

export interface ProbeInfo extends Named {
  spec?: ProbeSpec;
  /** `recovers` when it isn't said; undefined when what is said can't be read. */
  expect?: Expectation;
  everyMs: number;
  read: ReturnType<typeof readBase>;
}

const defaultEveryMs = 1_000;
const leastTimeoutMs = 500;

export function readProbes(parts: readonly Part[], catalogue: Catalogue, reading: Reading): Map<string, ProbeInfo> {
  const named = entitiesOf(parts, 'probes', reading.report);
  return new Map([...named].map(([name, entity]) => [name, readProbe(entity, catalogue, reading)]));
}

const readBase = (entity: Named, reading: Reading) =>
  readShape(reading, probeBaseShape, entity.node, { what: `probe '${entity.name}'`, at: entity.at });

function readProbe(entity: Named, catalogue: Catalogue, reading: Reading): ProbeInfo {
  const read = readBase(entity, { ...reading, mayReferToRun: false });
  const expect = child(entity.node, 'expect') ? read.expect : 'recovers';
  const spec = specOf(entity, catalogue, reading);
  if (spec) {
    const given = entryOf(entity.node, 'with');
    const subject = { what: `'with' of probe '${entity.name}'`, at: given?.keyAt ?? entity.at };
    const node = given?.value ?? { kind: 'map', entries: [], at: entity.at };
    if (!isBroken(node)) readParams(reading, spec.params, node, subject);
  }
  return { ...entity, spec, expect, everyMs: read.every ?? defaultEveryMs, read };
}

function specOf({ node }: Named, catalogue: Catalogue, { report }: Reading): ProbeSpec | undefined {
  const uses = textChild(node, 'uses');
  if (!uses || refuseComputed(uses, report)) return undefined;
  const spec = catalogue.probes.get(uses.text);
  if (spec) return spec;
  const suggestion = suggest(uses.text, catalogue.probes.keys());
  report.add('unknown-probe-kind', uses.at, `no probe '${uses.text}'`, { suggestion });
  return suggestion === undefined ? undefined : catalogue.probes.get(suggestion);
}

/** The probe as the drill has it. Only for definitions without errors. */
export function toProbe({ name, spec, expect, everyMs, read, node }: ProbeInfo): Probe {
  const given = child(node, 'with');
  return {
    name,
    uses: spec!.name,
    with: given ? (plain(given) as Record<string, string>) : {},
    everyMs,
    timeoutMs: read.timeout ?? Math.max(everyMs, leastTimeoutMs),
    expect: expect!,
    canary: spec!.canary ?? false,
    ...(read.resolver !== undefined && { resolver: read.resolver }),
    ttl: read.ttl ?? 'honour',
    connection: read.connection ?? 'fresh',
    ...(read.threshold && {
      threshold: { maxFailureRate: read.threshold.failures, windowMs: read.threshold.window },
    }),
  };
}
