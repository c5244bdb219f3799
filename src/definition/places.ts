/** The sections `locations` and `targets`: where a drill may act, and on what. */
import type { Catalogue, TargetSpec } from '../domain/catalogue.ts';
import type { Location, Target } from '../domain/drill.ts';
import type { Report } from './diagnostic.ts';
import { entitiesOf } from './entities.ts';
import type { Named } from './entities.ts';
import { refersToRun } from './expression.ts';
import { isOptional, readParams, readShape, refuseComputed } from './read.ts';
import type { Reading } from './read.ts';
import { locationShape, targetBaseShape } from './schema.ts';
import { suggest } from './suggest.ts';
import { child, entryOf, plain, textChild } from './tree.ts';
import type { MapNode, Node } from './tree.ts';
import type { Part } from './values.ts';

export interface LocationInfo extends Named, Partial<Omit<Location, 'name'>> {}

export interface TargetInfo extends Named {
  spec?: TargetSpec;
  location?: LocationInfo;
  mayBeEmpty: boolean;
}

export function readLocations(parts: readonly Part[], reading: Reading): Map<string, LocationInfo> {
  const named = entitiesOf(parts, 'locations', reading.report);
  return new Map(
    [...named].map(([name, entity]) => {
      const read = readShape(reading, locationShape, entity.node, { what: `location '${name}'`, at: entity.at });
      return [name, { ...read, ...entity }];
    }),
  );
}

export function readTargets(
  parts: readonly Part[],
  catalogue: Catalogue,
  locations: ReadonlyMap<string, LocationInfo>,
  reading: Reading,
): Map<string, TargetInfo> {
  const named = entitiesOf(parts, 'targets', reading.report);
  const sections = parts.flatMap(({ root }) => entryOf(root, 'targets') ?? []);
  if (named.size > 0 && !parts.some(({ root }) => saysLocations(root)) && !parts.every(({ isEstate }) => isEstate)) {
    reading.report.add('missing-key', sections[0]!.keyAt, "'targets' need 'locations': where are they?");
  }
  return new Map([...named].map(([name, entity]) => [name, readTarget(entity, catalogue, locations, reading)]));
}

/** One that can't be read says some, too: what is wrong with it is said there. */
function saysLocations(root: MapNode): boolean {
  const said = child(root, 'locations');
  return said !== undefined && (said.kind !== 'map' || said.entries.length > 0);
}

function readTarget(
  entity: Named,
  catalogue: Catalogue,
  locations: ReadonlyMap<string, LocationInfo>,
  reading: Reading,
): TargetInfo {
  const { node, at, name } = entity;
  const { report } = reading;
  const subject = { what: `target '${name}'`, at };
  const spec = specOf(node, catalogue, report);
  const location = locationOf(entity, locations, report);
  const info = { ...entity, spec, location, mayBeEmpty: textChild(node, 'mayBeEmpty')?.text === 'true' };
  if (node.kind !== 'map' || (entryOf(node, 'type') && !spec)) {
    // Without its type nothing can be said about the other fields.
    const type = entryOf(node, 'type');
    if (!type) readShape(reading, targetBaseShape, node, subject);
    else if (type.value.kind !== 'text') {
      readShape(reading, { type: targetBaseShape.type }, { kind: 'map', entries: [type], at: node.at }, subject);
    }
    return info;
  }
  const { in: _in, type: _type, mayBeEmpty, ...selection } = split(node);
  const base: MapNode = { ...node, entries: [_type, _in, mayBeEmpty].flatMap((entry) => entry ?? []) };
  readShape(reading, targetBaseShape, base, subject);
  if (!spec) return info;
  const selecting: MapNode = { ...node, entries: Object.values(selection).flatMap((entry) => entry ?? []) };
  readParams(reading, spec.params, selecting, subject);
  checkSelection(info, spec, selecting, report);
  return info;
}

const split = (node: MapNode) => Object.fromEntries(node.entries.map((entry) => [entry.key, entry]));

function specOf(node: Node, catalogue: Catalogue, report: Report): TargetSpec | undefined {
  const type = textChild(node, 'type');
  if (!type || refuseComputed(type, report)) return undefined;
  const spec = catalogue.targets.get(type.text);
  if (spec) return spec;
  const suggestion = suggest(type.text, catalogue.targets.keys());
  report.add('unknown-target-type', type.at, `no target type '${type.text}'`, { suggestion });
  return suggestion === undefined ? undefined : catalogue.targets.get(suggestion);
}

function locationOf(
  { node, at, name }: Named,
  locations: ReadonlyMap<string, LocationInfo>,
  report: Report,
): LocationInfo | undefined {
  if (locations.size === 0) return undefined;
  const written = textChild(node, 'in');
  if (!written) {
    if (!child(node, 'in') && node.kind === 'map' && locations.size > 1) {
      report.add('which-location', at, `target '${name}': which 'in'? (${[...locations.keys()].join(', ')})`);
    }
    return locations.size === 1 ? [...locations.values()][0] : undefined;
  }
  if (refuseComputed(written, report)) return undefined;
  const location = locations.get(written.text);
  if (location) return location;
  const suggestion = suggest(written.text, locations.keys());
  report.add('unknown-location', written.at, `no location '${written.text}'`, { suggestion });
  return suggestion === undefined ? undefined : locations.get(suggestion);
}

/** What the language says of every selection, whatever the type. */
function checkSelection({ name, at, location }: TargetInfo, spec: TargetSpec, node: MapNode, report: Report): void {
  const selectors = ['id', 'ids', 'name', 'of', 'tags'].filter((key) => key in spec.params.shape);
  const given = selectors.flatMap((key) => entryOf(node, key) ?? []);
  if (given.length > 1) {
    const names = given.map(({ key }) => key).join(' and ');
    report.add('several-selectors', given[1]!.keyAt, `${names}: keep one`);
  }
  const anyRequired = Object.values(spec.params.shape).some((field) => !isOptional(field));
  if (given.length === 0 && selectors.length > 0 && !anyRequired) {
    report.add('no-selector', at, `target '${name}' needs one of ${selectors.join(', ')}`);
  }
  const tags = entryOf(node, 'tags');
  if (tags?.value.kind === 'map') {
    if (tags.value.entries.length === 0)
      report.add('empty-tags', tags.keyAt, 'tags are empty: that would be everything');
    else if (spec.many === true && !entryOf(node, 'max')) {
      report.add('tags-need-max', tags.keyAt, `tags need 'max': how many ${spec.type} may this touch at most?`);
    }
  }
  const az = textChild(node, 'az');
  const region = location?.region;
  if (az && region !== undefined && !refersToRun(az.text) && !isZoneOf(az.text, region)) {
    report.add('zone-outside-region', az.at, `zone '${az.text}' is not in ${region}, where '${location?.name}' is`);
  }
}

export const isZoneOf = (zone: string, region: string): boolean =>
  zone.startsWith(region) && /^[a-z]?(-[a-z0-9-]+)?$/.test(zone.slice(region.length)) && zone.length > region.length;

/** The location as the drill has it. Only for definitions without errors. */
export const toLocation = (info: LocationInfo): Location => ({
  name: info.name,
  account: info.account!,
  region: info.region!,
  ...(info.role !== undefined && { role: info.role }),
  ...(info.externalId !== undefined && { externalId: info.externalId }),
  production: info.production ?? false,
});

/** The target as the drill has it. Only for definitions without errors. */
export function toTarget(info: TargetInfo): Target {
  const {
    type: _type,
    in: _in,
    mayBeEmpty: _mayBeEmpty,
    login,
    ...select
  } = plain(info.node) as Record<string, string>;
  return {
    name: info.name,
    type: info.spec!.type,
    location: info.location!.name,
    select,
    mayBeEmpty: info.mayBeEmpty,
    ...(login !== undefined && { login }),
  };
}
