/**
 * Reads a drill definition: text in, a `Drill` out, or everything that is wrong with it. Pure: files are read by files.ts.
 *
 *   text -> tree (parse) -> parameters and value sets -> for each set: substitute -> sections -> names -> rules -> Drill
 */
import { createHash } from 'node:crypto';
import type { Catalogue } from '../domain/catalogue.ts';
import { phases } from '../domain/drill.ts';
import type { Drill, Phase, StepGroup } from '../domain/drill.ts';
import { Report } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { areKnown, layersToCheck } from './layering.ts';
import type { Layers } from './layering.ts';
import type { Model } from './model.ts';
import { notADefinition, parseSource } from './parse.ts';
import { readLocations, readTargets, toLocation, toTarget } from './places.ts';
import { readProbes, toProbe } from './probes.ts';
import type { ProjectFiles } from './project.ts';
import { checkPath } from './project.ts';
import { refuseComputed } from './read.ts';
import type { Reading } from './read.ts';
import { resolveReferences } from './references.ts';
import { followFencing } from './rules/fencing.ts';
import { checkLimits } from './rules/limits.ts';
import { checkProof } from './rules/proof.ts';
import { checkRestore } from './rules/restore.ts';
import { checkSteps } from './rules/undo.ts';
import { checkUnusedParameters, checkUnusedPlaces, targetsUsedIn } from './rules/unused.ts';
import { checkHead, readSections, scheduledLayers, toLab, toObjectives } from './sections.ts';
import type { Range, Source } from './source.ts';
import { readSteps, toGroups } from './steps.ts';
import { substitute } from './substitute.ts';
import { entryOf, textChild } from './tree.ts';
import { readParameters, resolveValues } from './values.ts';
import type { Parameters, Part } from './values.ts';

export interface DefinitionInput extends Source {
  catalogue: Catalogue;
  /** The estate file that the drill names, when it names one and the file could be read. */
  estate?: Source;
  /**
   * `validate` checks the definition under every one of its value sets; `run` and `rehearse` under the one in force.
   */
  purpose: 'validate' | 'run' | 'rehearse';
  /** The value sets to lay over `default`, lowest first. Default: for `rehearse` lab, for `run` none. */
  valueSets?: Layers;
  /** Where the project's files are. Default: the definition stands in the project's root and no file is looked for. */
  project?: ProjectFiles;
}

export interface DefinitionResult {
  /** Absent when there is an error, and for a file of `kind: Estate`. With `validate`: under the first value set. */
  drill?: Drill;
  /** In the order of the text, the drill's file before its estate's. */
  diagnostics: readonly Diagnostic[];
}

/** Never throws for anything that stands in the text. */
export function readDefinition(input: DefinitionInput): DefinitionResult {
  const report = new Report();
  const parts = readParts(input, report);
  const drill = parts && checkParts(parts, input, report);
  const diagnostics = report.inOrder([input.file, ...(input.estate ? [input.estate.file] : [])]);
  return drill && !report.hasErrors ? { drill, diagnostics } : { diagnostics };
}

/** The path of the estate file that a definition names, when it names one; for whoever reads files. */
export function estateNamedIn(source: Source): string | undefined {
  // Most drills name none: spare them a second parsing.
  if (!/^["'{]?\s*["']?estate\b/m.test(source.text)) return undefined;
  const root = parseSource(source, new Report());
  return root && textChild(root, 'estate')?.text;
}

function readParts(input: DefinitionInput, report: Report): Part[] | undefined {
  const project = input.project ?? { directory: '' };
  const root = parseSource({ file: input.file, text: input.text }, report);
  if (!root) return undefined;
  if (isSomethingElse(root)) {
    report.add('wrong-shape', { ...root.at, end: root.at.start + 1 }, notADefinition);
    return undefined;
  }
  const own: Part = { root, isEstate: isEstateFile(root, input, report) };
  checkHead(own, report);
  const named = own.isEstate ? undefined : textChild(root, 'estate');
  if (!named || refuseComputed(named, report) || checkPath(project, named, report) === undefined) return [own];
  if (!input.estate) {
    report.add('no-such-file', named.at, `no file '${named.text}' (paths are relative to the definition)`);
    return [own];
  }
  const estateRoot = parseSource(input.estate, report);
  if (!estateRoot) return undefined;
  const estate: Part = { root: estateRoot, isEstate: true };
  checkHead(estate, report);
  return [own, estate];
}

/** No version of the format, and nothing that only a definition has: somebody else's file. */
function isSomethingElse(root: Part['root']): boolean {
  if (textChild(root, 'apiVersion')?.text.startsWith('firedrill')) return false;
  return !['locations', 'targets', 'probes', ...phases].some((key) => entryOf(root, key));
}

function isEstateFile(root: Part['root'], { purpose }: DefinitionInput, report: Report): boolean {
  const kind = textChild(root, 'kind');
  if (kind?.text !== 'Estate') return false;
  if (purpose !== 'validate') report.add('wrong-kind', kind.at, 'this is an estate: name a drill that uses it');
  return true;
}

function checkParts(parts: readonly Part[], input: DefinitionInput, report: Report): Drill | undefined {
  const [{ root, isEstate }] = parts as [Part, ...Part[]];
  const parameters = readParameters(parts, report);
  const scheduled = scheduledLayers(root, parameters, report);
  const drills = layersInForce(input, parameters, scheduled, root.at, report).map((layers) => {
    const isScheduled = scheduled.some((other) => other.join(',') === layers.join(','));
    return checkUnder(layers, isScheduled, parts, parameters, input, report);
  });
  if (!isEstate) checkUnusedParameters(parts, parameters, report);
  return drills[0];
}

function layersInForce(
  { purpose, valueSets }: DefinitionInput,
  parameters: Parameters,
  scheduled: readonly Layers[],
  start: Range,
  report: Report,
): Layers[] {
  const at = parameters.sets.values().next().value?.at ?? start;
  const asked = valueSets ?? { validate: undefined, run: [], rehearse: ['lab'] }[purpose];
  // Without the set that is in force the rest can still be checked, under those that are there.
  return asked && areKnown(asked, parameters, at, report) ? [asked] : layersToCheck(parameters, scheduled);
}

function checkUnder(
  layers: Layers,
  scheduled: boolean,
  written: readonly Part[],
  parameters: Parameters,
  input: DefinitionInput,
  report: Report,
): Drill | undefined {
  const alone = written[0]!.isEstate;
  // What an estate leaves open, the drills that use it may give.
  const values = resolveValues(parameters, layers, written[0]!.root.at, alone ? new Report() : report);
  const parts = written.map((part) => ({ ...part, root: substitute(part.root, values, report) }));
  const { root } = parts[0]!;
  const model = readModel(parts, parameters, scheduled, input, report);
  if (alone) return undefined;
  const pivots = followFencing(model);
  checkSteps(model, pivots);
  checkProof(model, pivots);
  checkRestore(model, pivots);
  checkLimits(model, pivots);
  checkUnusedPlaces(model);
  if (input.purpose === 'rehearse' && !entryOf(root, 'lab')) {
    report.add('rehearsal-needs-lab', root.at, "a rehearsal needs 'lab': which estate shall be built?");
  }
  return report.hasErrors ? undefined : toDrill(model, values.label, input);
}

function readModel(
  parts: readonly Part[],
  parameters: Parameters,
  scheduled: boolean,
  { catalogue, project = { directory: '' } }: DefinitionInput,
  report: Report,
): Model {
  const { root } = parts[0]!;
  const names: Reading['names'] = [];
  const files = new Map<string, string>();
  const fixed: Reading = { report, project, names, files, mayReferToRun: false };
  const open: Reading = { ...fixed, mayReferToRun: true };
  const sections = readSections(parts, fixed);
  const locations = readLocations(parts, fixed);
  const targets = readTargets(parts, catalogue, locations, open);
  const probes = readProbes(parts, catalogue, open);
  const steps = readSteps(root, catalogue, open);
  const unresolvedTypes = resolveReferences({ targets, probes, locations, steps, report }, names);
  return {
    report,
    root,
    parts,
    parameters,
    locations,
    targets,
    probes,
    steps,
    files,
    sections,
    scheduled,
    unresolvedTypes,
    stepsUncertain: !stepsAreUnderstood(root, steps),
    probesUncertain: [...probes.values()].some(({ spec, expect }) => !spec || !expect) || isUnreadable(root, 'probes'),
  };
}

/** Whether every step is there, each with an action, and with targets and steps that exist. */
function stepsAreUnderstood(root: Part['root'], steps: Model['steps']): boolean {
  if (phases.some((phase) => isUnreadable(root, phase))) return false;
  return steps.every(({ spec, names, targets, undoes }) => {
    const resolved = ({ kind, key }: Model['steps'][number]['names'][number]): boolean =>
      kind === 'target' ? targets.has(key) : kind !== 'step' || undoes !== undefined;
    return spec !== undefined && names.every(resolved);
  });
}

function isUnreadable(root: Part['root'], key: string): boolean {
  const value = entryOf(root, key)?.value;
  return value !== undefined && (value.kind === 'empty' || value.kind === 'text');
}

function toDrill(model: Model, label: string, { file, text, estate }: DefinitionInput): Drill {
  const { sections, locations, probes, steps } = model;
  const used = new Set(targetsUsedIn(model));
  // A drill doesn't ask for what only other drills of its estate need.
  const targets = new Map([...model.targets].filter(([name, { fromEstate }]) => !fromEstate || used.has(name)));
  const collect = <From, To>(from: ReadonlyMap<string, From>, make: (one: From) => To): Record<string, To> =>
    Object.fromEntries([...from].map(([name, one]) => [name, make(one)]));
  const hash = createHash('sha256').update(text);
  if (estate) hash.update(estate.text);
  const files = [...model.files].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, content] of files) hash.update(`\n${path}\n${content}`);
  return {
    apiVersion: 'firedrill/v1',
    name: sections.name!,
    title: sections.title!,
    file,
    definitionHash: hash.digest('hex'),
    values: label,
    ...toLab(sections),
    locations: collect(locations, toLocation),
    targets: collect(targets, toTarget),
    probes: collect(probes, toProbe),
    objectives: toObjectives(sections),
    assume: { ...sections.assume },
    guardrails: sections.guardrails,
    steps: Object.fromEntries(phases.map((phase) => [phase, toGroups(steps, phase)])) as Record<Phase, StepGroup[]>,
    schedule: sections.schedule,
    notify: sections.notify,
    ...(files.length > 0 && { files: Object.fromEntries(files) }),
  };
}
