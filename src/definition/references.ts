/** Looks up every name and every `$(targets…)` and `$(steps…)` of a drill, once all of it is read. */
import type { Report } from './diagnostic.ts';
import { expressionsIn, rangeWithin, refersToRun } from './expression.ts';
import type { Expression } from './expression.ts';
import { isZoneOf } from './places.ts';
import type { LocationInfo, TargetInfo } from './places.ts';
import type { ProbeInfo } from './probes.ts';
import { outputGiven, refuseComputed } from './read.ts';
import type { NameUse } from './read.ts';
import type { StepInfo, TargetUse } from './steps.ts';
import { suggest } from './suggest.ts';
import { child, textChild, textsIn } from './tree.ts';
import type { Node, TextNode } from './tree.ts';

export interface Scope {
  targets: ReadonlyMap<string, TargetInfo>;
  probes: ReadonlyMap<string, ProbeInfo>;
  locations: ReadonlyMap<string, LocationInfo>;
  steps: readonly StepInfo[];
  report: Report;
}

/**
 * Fills in what each step names, and reports names that mean nothing.
 * @param others names outside steps
 * @returns the types of targets that were meant by names that mean nothing
 */
export function resolveReferences(scope: Scope, others: readonly NameUse[]): Set<string> {
  const unresolved = new Set<string>();
  const note = (name: NameUse, found: TargetUse | undefined): void => {
    if (!found) for (const type of name.targetTypes) unresolved.add(type);
  };
  for (const name of others) {
    if (name.kind === 'target') note(name, lookUpTarget(name, scope));
    if (name.kind === 'probe') lookUpProbe(name.node, scope);
  }
  for (const step of scope.steps) {
    for (const name of step.names) {
      resolveName(name, step, scope);
      if (name.kind === 'target') note(name, step.targets.get(name.key));
    }
    checkExpressions(step.node, scope, step);
    refuseForeignZone(step, scope.report);
  }
  for (const { node } of scope.probes.values()) checkExpressions(node, scope);
  for (const { node } of scope.targets.values()) checkExpressions(node, scope);
  refuseCircles(scope);
  return unresolved;
}

function resolveName(name: NameUse, step: StepInfo, scope: Scope): void {
  if (name.kind === 'probe') lookUpProbe(name.node, scope);
  else if (name.kind === 'location') {
    const found = lookUpLocation(name.node, scope);
    if (found) step.locations.add(found.name);
  } else if (name.kind === 'target') {
    const use = lookUpTarget(name, scope, step);
    if (use) step.targets.set(name.key, use);
  } else if (!refuseComputed(name.node, scope.report)) {
    const found = lookUpStep(name.node.text, name.node, name.node.text, step, scope);
    if (found) step.undoes = found.id;
  }
}

/** A zone that is written out must be one of the region in which the step's targets are. */
function refuseForeignZone({ node, targets }: StepInfo, report: Report): void {
  const zone = textChild(child(node, 'with'), 'az');
  const regions = [...targets.values()].flatMap(({ target }) => target?.location?.region ?? []);
  if (!zone || refersToRun(zone.text) || regions.length === 0) return;
  if (regions.some((region) => isZoneOf(zone.text, region))) return;
  report.add('zone-outside-region', zone.at, `zone '${zone.text}' is not in ${[...new Set(regions)].join(' or ')}`);
}

function lookUpProbe(node: TextNode, { probes, report }: Scope): void {
  if (refuseComputed(node, report) || probes.has(node.text)) return;
  report.add('unknown-probe', node.at, `no probe '${node.text}'`, { suggestion: suggest(node.text, probes.keys()) });
}

function lookUpLocation(node: TextNode, { locations, report }: Scope): LocationInfo | undefined {
  if (refuseComputed(node, report)) return undefined;
  const found = locations.get(node.text);
  if (found) return found;
  const suggestion = suggest(node.text, locations.keys());
  report.add('unknown-location', node.at, `no location '${node.text}'`, { suggestion });
  return locations.get(suggestion ?? '');
}

function lookUpTarget({ node, key, targetTypes }: NameUse, scope: Scope, step?: StepInfo): TargetUse | undefined {
  const { targets, report } = scope;
  const given = step && outputGiven(node);
  if (given) {
    checkOutputType(node, key, given, targetTypes, scope);
    return { ref: node.text, outputOf: given.step, at: node.at };
  }
  if (refuseComputed(node, report)) return undefined;
  const suggestion = targets.has(node.text) ? undefined : suggest(node.text, targets.keys());
  if (!targets.has(node.text)) report.add('unknown-target', node.at, `no target '${node.text}'`, { suggestion });
  const target = targets.get(suggestion ?? node.text);
  if (!target) return undefined;
  if (suggestion === undefined && target.spec && !targetTypes.includes(target.spec.type)) {
    const message = `'${node.text}' is not a ${targetTypes.join(' or ')}: it is a ${target.spec.type} ('${key}')`;
    report.add('wrong-target-type', node.at, message);
  }
  return { ref: target.name, target, at: node.at };
}

function checkOutputType(
  node: TextNode,
  key: string,
  { step: id, output }: { step: string; output: string },
  types: readonly string[],
  { steps, report }: Scope,
): void {
  const spec = steps.find((step) => step.id === id)?.spec?.outputs?.[output];
  if (!spec || (spec.targetType !== undefined && types.includes(spec.targetType))) return;
  const is = spec.targetType === undefined ? 'a text' : `a ${spec.targetType}`;
  report.add('wrong-target-type', node.at, `'${node.text}' is not a ${types.join(' or ')}: it is ${is} ('${key}')`);
}

/** The step that is meant, if it is one that has finished when `user` begins. */
function lookUpStep(id: string, node: TextNode, part: string, user: StepInfo | undefined, scope: Scope) {
  const found = scope.steps.find((step) => step.id === id);
  const at = rangeWithin(node, part);
  if (!found) {
    const ids = scope.steps.map((step) => step.id).filter((known) => known !== '' && known !== user?.id);
    const suggestion = suggest(id, ids);
    scope.report.add('unknown-step', at, `no step '${id}'`, { suggestion });
    return scope.steps.find((step) => step.id === suggestion);
  }
  if (user && found.group >= user.group) {
    scope.report.add('step-not-finished', at, `step '${id}' has not finished when '${user.id}' begins`);
    return undefined;
  }
  return found;
}

function checkExpressions(node: Node, scope: Scope, user?: StepInfo): void {
  for (const text of textsIn(node)) {
    if (text.broken) continue;
    for (const expression of expressionsIn(text.text)) checkExpression(expression, text, scope, user);
  }
}

function checkExpression(expression: Expression, node: TextNode, scope: Scope, user?: StepInfo): void {
  const { targets, report } = scope;
  const at = rangeWithin(node, expression.text);
  if (expression.kind === 'fact') {
    const target = targets.get(expression.target);
    if (!target) {
      const suggestion = suggest(expression.target, targets.keys());
      report.add('unknown-target', at, `no target '${expression.target}'`, { suggestion });
    } else if (target.spec && !Object.hasOwn(target.spec.facts ?? {}, expression.fact)) {
      const facts = Object.keys(target.spec.facts ?? {});
      const there = facts.length > 0 ? ` (it has ${facts.join(', ')})` : '';
      const message = `${target.spec.type} '${target.name}' has no fact '${expression.fact}'${there}`;
      report.add('unknown-fact', at, message, { suggestion: suggest(expression.fact, facts) });
    }
  } else if (expression.kind === 'output') {
    if (!user) {
      report.add(
        'expression-not-allowed',
        at,
        'targets and probes are there before any step: no output can stand here',
      );
      return;
    }
    const step = lookUpStep(expression.step, node, expression.text, user, scope);
    if (!step?.spec || Object.hasOwn(step.spec.outputs ?? {}, expression.output)) return;
    const outputs = Object.keys(step.spec.outputs ?? {});
    const there = outputs.length > 0 ? ` (it has ${outputs.join(', ')})` : '';
    const message = `step '${step.id}' has no output '${expression.output}'${there}`;
    report.add('unknown-output', at, message, { suggestion: suggest(expression.output, outputs) });
  }
}

/** Targets that are selected by facts of themselves, directly or over others. */
function refuseCircles({ targets, report }: Scope): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const target = targets.get(name);
    if (!target || done.has(name)) return;
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name];
      report.add('self-defined', target.at, `target '${name}' is defined by itself: ${circle.join(' -> ')}`);
      for (const member of circle) done.add(member);
      return;
    }
    for (const { text } of textsIn(target.node)) {
      for (const use of expressionsIn(text)) if (use.kind === 'fact') visit(use.target, [...path, name]);
    }
    done.add(name);
  };
  for (const name of targets.keys()) visit(name, []);
}
