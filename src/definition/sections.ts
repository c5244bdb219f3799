/** The sections that need no catalogue: the head of the file, objectives, guardrails, schedule, notify, assume and lab. */
import type { Drill, Guardrails, LabSettings, Notification, Objectives, Schedule } from '../domain/drill.ts';
import type { Report } from './diagnostic.ts';
import { mendKeys, readShape } from './read.ts';
import type { Reading } from './read.ts';
import { drillShape, estateShape, scheduleItem, weekdays } from './schema.ts';
import { suggest } from './suggest.ts';
import { child, entryOf, itemsOf, textChild } from './tree.ts';
import type { MapNode } from './tree.ts';
import type { Layers } from './layering.ts';
import type { Parameters, Part } from './values.ts';

const apiVersion = 'firedrill/v1';
const defaultMaxDurationMs = 7_200_000;
const defaultSteadyMs = 30_000;

type Read = ReturnType<typeof readDrill>;
const readDrill = (part: Part, reading: Reading) =>
  readShape(reading, drillShape, part.root, { what: 'a drill', at: part.root.at });
const readEstate = (part: Part, reading: Reading) =>
  readShape(reading, estateShape, part.root, { what: 'an estate', at: part.root.at });

export type Sections = Omit<Read, 'guardrails' | 'schedule' | 'notify'> & {
  guardrails: Guardrails;
  schedule: readonly Schedule[];
  notify: readonly Notification[];
};

/** Puts mistyped top-level keys right, and judges the lines that say what the file is. Before anything is substituted. */
export function checkHead({ root, isEstate }: Part, report: Report): void {
  mendKeys(root, Object.keys(isEstate ? estateShape : drillShape), report);
  const version = textChild(root, 'apiVersion');
  if (version && version.text !== apiVersion) {
    report.add('wrong-api-version', version.at, `apiVersion is '${apiVersion}', not '${version.text}'`);
  }
  const kind = textChild(root, 'kind');
  const expected = isEstate ? 'Estate' : 'Drill';
  if (kind && kind.text !== expected) {
    const message = isEstate ? 'this is no estate: write kind: Estate' : `kind is Drill or Estate, not '${kind.text}'`;
    report.add('wrong-kind', kind.at, message, { suggestion: suggest(kind.text, ['Drill', 'Estate']) });
  }
}

export function readSections(parts: readonly Part[], reading: Reading): Sections {
  const readings = parts.map((part) => (part.isEstate ? readEstate(part, reading) : readDrill(part, reading)));
  const own = (readings[parts.findIndex(({ isEstate }) => !isEstate)] ?? {}) as Read;
  const windows = parts.flatMap(({ root }) => entryOf(child(root, 'guardrails'), 'window') ?? []);
  if (windows.length > 1) {
    reading.report.add('in-estate-too', windows[0]!.keyAt, "guardrail 'window' is in the estate too: keep one");
  }
  return {
    ...own,
    guardrails: sumOfGuardrails(readings.map(({ guardrails }) => guardrails)),
    schedule: (own.schedule ?? []).map(toSchedule),
    notify: readings.flatMap(({ notify }) => notify ?? []),
  };
}

/** Guardrails add up: every limit holds, so the shortest duration does. */
function sumOfGuardrails(all: readonly Read['guardrails'][]): Guardrails {
  const given = all.flatMap((guardrails) => guardrails ?? []);
  const durations = given.flatMap(({ maxDuration }) => maxDuration ?? []);
  const window = given.find((guardrails) => guardrails.window)?.window;
  return {
    maxDurationMs: durations.length > 0 ? Math.min(...durations) : defaultMaxDurationMs,
    stopOn: given.flatMap(({ stopOn }) =>
      (stopOn ?? []).map(({ alarm, probe, bad }) => (alarm === undefined ? { probe: probe!, badMs: bad! } : { alarm })),
    ),
    ...(window && { window: { ...window, days: expandDays(window.days ?? '') } }),
    blackout: given.flatMap(({ blackout }) => blackout ?? []),
  };
}

/** `mon-wed,fri` as days; a range may run over the weekend. */
function expandDays(text: string): string[] {
  const days = text.split(',').flatMap((range) => {
    const [from, to] = range
      .trim()
      .split('-')
      .map((day) => (weekdays as readonly string[]).indexOf(day));
    const length = to === undefined ? 1 : ((to - from! + weekdays.length) % weekdays.length) + 1;
    return Array.from({ length }, (_, index) => weekdays[(from! + index) % weekdays.length]!);
  });
  return weekdays.filter((day) => days.includes(day));
}

const toSchedule = (item: NonNullable<Read['schedule']>[number]): Schedule => ({
  cron: item.cron,
  timezone: item.timezone ?? 'UTC',
  values: item.values ?? [],
  ...(item.forEach && { forEach: item.forEach }),
  ...(item.spread !== undefined && { spreadMs: item.spread }),
  ...(item.jitter !== undefined && { jitterMs: item.jitter }),
  overlap: item.overlap ?? 'skip',
  missed: item.missed ?? 'skip',
  ...(item.overdueAfter !== undefined && { overdueAfterMs: item.overdueAfter }),
});

/** What the schedule lays over each other, and what is wrong with that. Read before any value is substituted. */
export function scheduledLayers(root: MapNode, parameters: Parameters, report: Report): Layers[] {
  return itemsOf(child(root, 'schedule')).flatMap((item) => {
    if (item.kind !== 'map') return [];
    mendKeys(item, Object.keys(scheduleItem.shape), report);
    const values = child(item, 'values');
    const base = itemsOf(values).flatMap((node) => (node.kind === 'text' && !node.broken ? node : []));
    for (const { text, at } of base) {
      if (text === 'lab')
        report.add('schedule-with-lab-values', at, "'lab' is for rehearsals: schedule a real value set");
      else if (!parameters.sets.has(text) && !text.includes('$(')) {
        const suggestion = suggest(text, parameters.sets.keys());
        report.add('unknown-value-set', at, `no value set '${text}'`, { suggestion });
      }
    }
    const names = base.map(({ text }) => text);
    // What it lays over each other can't be told of a `values` that is no list of names, which is said of it later.
    const isList = values === undefined || (values.kind === 'list' && values.items.length === base.length);
    const usable = isList && names.every((name) => parameters.sets.has(name) && name !== 'lab');
    const forEach = entryOf(item, 'forEach');
    if (!forEach) return usable ? [names] : [];
    if (forEach.value.kind !== 'map') return [];
    const selected = selectSets(forEach.value, parameters, report);
    if (selected?.length === 0) {
      report.add('for-each-selects-nothing', forEach.keyAt, 'forEach selects no value set: nothing would ever run');
    }
    return usable ? (selected ?? []).map((name) => [...names, name]) : [];
  });
}

/** The value sets whose own data are as `forEach` asks; undefined when that can't be told. */
function selectSets(forEach: MapNode, { declared, sets }: Parameters, report: Report): string[] | undefined {
  let known = true;
  for (const { key, keyAt, value } of forEach.entries) {
    if (!declared.has(key)) {
      report.add('unknown-parameter', keyAt, `no parameter '${key}'`, { suggestion: suggest(key, declared.keys()) });
    }
    known &&= declared.has(key) && value.kind === 'text' && !value.broken;
  }
  if (!known) return undefined;
  return [...sets.values()]
    .filter(({ name }) => name !== 'default' && name !== 'lab')
    .filter(({ values }) =>
      forEach.entries.every(({ key, value }) => value.kind === 'text' && values.get(key)?.text === value.text),
    )
    .map(({ name }) => name);
}

export const toObjectives = ({ objectives }: Sections): Objectives => ({
  ...(objectives?.rto !== undefined && { rtoMs: objectives.rto }),
  ...(objectives?.recovery !== undefined && { recoveryMs: objectives.recovery }),
  ...(objectives?.rpo !== undefined && { rpoMs: objectives.rpo }),
  failback: {
    ...(objectives?.failback?.rto !== undefined && { rtoMs: objectives.failback.rto }),
    ...(objectives?.failback?.rpo !== undefined && { rpoMs: objectives.failback.rpo }),
  },
  steadyMs: objectives?.steady ?? defaultSteadyMs,
  declared: {
    ...(objectives?.declared?.detection !== undefined && { detectionMs: objectives.declared.detection }),
    ...(objectives?.declared?.decision !== undefined && { decisionMs: objectives.declared.decision }),
  },
});

export const toLab = ({ lab }: Sections): Pick<Drill, 'lab'> => {
  if (!lab) return {};
  const settings: LabSettings = {
    estate: lab.estate,
    ...(lab.replicaLag !== undefined && { replicaLagMs: lab.replicaLag }),
    ...(lab.replicationSurvives !== undefined && { replicationSurvives: lab.replicationSurvives }),
  };
  return { lab: settings };
};
