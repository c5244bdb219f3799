/**
 * What is declared and never used: mostly a name that is misspelt elsewhere, or a step that got lost. What another diagnostic
 * explains already is not said again.
 */
import { expressionsIn, foreignExpressionsIn } from '../expression.ts';
import type { Model } from '../model.ts';
import { targetParams } from '../steps.ts';
import { child, itemsOf, textChild, textsIn } from '../tree.ts';
import type { Node } from '../tree.ts';
import type { Parameters, Part } from '../values.ts';
import type { Report } from '../diagnostic.ts';

/** Parameters of the drill (an estate's need not be used by every drill). Looks at the text before substitution. */
export function checkUnusedParameters(parts: readonly Part[], { declared }: Parameters, report: Report): void {
  const used = new Set<string>();
  for (const { root } of parts) {
    for (const { text } of textsIn(root)) {
      for (const found of expressionsIn(text)) {
        if (found.kind === 'parameter') used.add(found.name);
        if (found.kind === 'bad' && found.meant) used.add(found.meant.slice(2, -1));
      }
      for (const { meant } of foreignExpressionsIn(text)) if (meant) used.add(meant.slice(2, -1));
    }
    for (const item of itemsOf(child(root, 'schedule'))) {
      const forEach = child(item, 'forEach');
      for (const { key } of forEach?.kind === 'map' ? forEach.entries : []) used.add(key);
    }
  }
  for (const name of report.suggestions('unknown-parameter')) used.add(name);
  if (explainsAll(report)) return;
  for (const { name, at, fromEstate } of declared.values()) {
    if (!fromEstate && !used.has(name)) report.add('unused-parameter', at, `parameter '${name}' is unused`);
  }
}

export function checkUnusedPlaces(model: Model): void {
  const { report, targets, locations } = model;
  if (explainsAll(report)) return;
  const used = new Set([...targetsUsedIn(model), ...report.suggestions('unknown-target')]);
  const excused = excusedTypes(model);
  for (const { name, at, fromEstate, spec } of targets.values()) {
    if (fromEstate || used.has(name) || (spec && excused.has(spec.type))) continue;
    report.add('unused-target', at, `target '${name}' is unused`);
  }
  const places = new Set([
    ...[...targets.values()].map(({ location }) => location?.name),
    ...model.steps.flatMap((step) => [...step.locations]),
  ]);
  const lost = report.has('which-location') || report.has('unknown-location') || targets.size === 0;
  for (const { name, at, fromEstate } of locations.values()) {
    const assumed = model.sections.assume?.regionApiUnavailable === name;
    if (fromEstate || assumed || places.has(name) || lost) continue;
    report.add('unused-location', at, `location '${name}' is unused`);
  }
}

/** Mistakes after which it can't be told what is used. */
const explainsAll = (report: Report): boolean => report.has('alias') || report.has('key-not-text');

/** Every text that may be the name of a target, and every target that an expression refers to. */
export function targetsUsedIn({ parts, targets }: Model): string[] {
  const known = new Set(targets.keys());
  return parts.flatMap(({ root }) =>
    root.entries
      .filter(({ key }) => key !== 'parameters' && key !== 'values')
      .flatMap(({ key, value }) => [...mentions(value, key === 'targets' || key === 'locations')])
      .filter((name) => known.has(name)),
  );
}

const notNames = new Set(['id', 'uses', 'type', 'in', 'ask', 'title', 'keep']);

function* mentions(node: Node, onlyExpressions: boolean): Generator<string> {
  if (node.kind === 'list') for (const item of node.items) yield* mentions(item, onlyExpressions);
  else if (node.kind === 'map') {
    for (const { key, value } of node.entries) yield* mentions(value, onlyExpressions || notNames.has(key));
    for (const dropped of node.dropped ?? []) yield* mentions(dropped, onlyExpressions);
  } else if (node.kind === 'text') {
    if (!onlyExpressions) yield node.text;
    for (const expression of expressionsIn(node.text)) if (expression.kind === 'fact') yield expression.target;
  }
}

/** Types of targets that some step or probe takes, but names in a way that is wrong already, or not at all. */
function excusedTypes({ steps, probes, unresolvedTypes }: Model): Set<string> {
  const wanting = [...steps, ...probes.values()].flatMap(({ spec, node }) =>
    spec ? targetParams(spec).filter(([key, , required]) => required && !textChild(child(node, 'with'), key)) : [],
  );
  return new Set([...unresolvedTypes, ...wanting.flatMap(([, types]) => types)]);
}
