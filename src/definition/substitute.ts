/** Puts the values of parameters into a definition's tree. What refers to targets and steps stays as it is written. */
import type { Report } from './diagnostic.ts';
import { expressionsIn, fillIn, isWellWritten, rangeWithin, soleExpression } from './expression.ts';
import { suggest } from './suggest.ts';
import type { MapNode, Node, TextNode } from './tree.ts';
import type { ResolvedValues } from './values.ts';

/** Sections in which nothing is substituted. */
const untouched = new Set(['parameters', 'values']);

/** A new tree, in which no text refers to a parameter any more. Texts that can't be made are `broken`. */
export function substitute(root: MapNode, values: ResolvedValues, report: Report): MapNode {
  const entries = root.entries.map((entry) =>
    untouched.has(entry.key) ? entry : { ...entry, value: substituteNode(entry.value, values, report) },
  );
  return { ...root, entries };
}

function substituteNode(node: Node, values: ResolvedValues, report: Report): Node {
  switch (node.kind) {
    case 'text':
      return node.broken ? node : substituteText(node, values, report);
    case 'list':
      return { ...node, items: node.items.map((item) => substituteNode(item, values, report)) };
    case 'map':
      return {
        ...node,
        entries: node.entries.map((entry) => ({ ...entry, value: substituteNode(entry.value, values, report) })),
      };
    case 'empty':
      return { ...node };
  }
}

function substituteText(node: TextNode, values: ResolvedValues, report: Report): TextNode {
  if (!isWellWritten(node, report)) return { ...node, broken: true };
  const used = expressionsIn(node.text).flatMap((expression) => (expression.kind === 'parameter' ? [expression] : []));
  if (used.length === 0) return node;
  let broken = false;
  for (const { name, text } of used) {
    if (!values.declared.has(name)) {
      report.add('unknown-parameter', rangeWithin(node, text), `no parameter '${name}'`, {
        suggestion: suggest(name, values.declared),
      });
    }
    broken ||= values.given.get(name) === undefined;
  }
  const computed = { writtenAt: node.at, values: values.label };
  if (broken) return { ...node, computed, broken: true };
  const sole = soleExpression(node.text);
  if (sole?.kind === 'parameter') {
    const { text, at } = values.given.get(sole.name)!;
    return { ...node, text, at, computed: { ...computed, whole: { parameter: sole.name } } };
  }
  return { ...node, text: fillIn(node.text, values.given), computed };
}
