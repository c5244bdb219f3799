/** The `$(…)` of definitions: finding them in a text, and telling them from the notations of other tools. */
import type { Report } from './diagnostic.ts';
import type { Range } from './source.ts';
import type { TextNode } from './tree.ts';

interface Place {
  /** As written, `$(…)`. */
  text: string;
  start: number;
  end: number;
}

export type Expression = Place &
  (
    | { kind: 'parameter'; name: string }
    | { kind: 'fact'; target: string; fact: string }
    | { kind: 'output'; step: string; output: string }
    /** Not an expression of this format. `meant`: what it should probably be. */
    | { kind: 'bad'; meant?: string }
  );

/** All `$(…)` of a text in order. */
export function expressionsIn(text: string): Expression[] {
  if (!text.includes('$(')) return [];
  return [...text.matchAll(/\$\(([^()\n]*)(\)?)/g)].map((match): Expression => {
    const place = { text: match[0], start: match.index, end: match.index + match[0].length };
    const inner = match[1]!;
    if (match[2] === '') return { ...place, kind: 'bad' };
    if (/^[A-Za-z][\w-]*$/.test(inner)) return { ...place, kind: 'parameter', name: inner };
    const fact = /^targets\.([\w-]+)\.(\w+)$/.exec(inner);
    if (fact) return { ...place, kind: 'fact', target: fact[1]!, fact: fact[2]! };
    const output = /^steps\.([\w-]+)\.outputs\.(\w+)$/.exec(inner);
    if (output) return { ...place, kind: 'output', step: output[1]!, output: output[2]! };
    return { ...place, kind: 'bad', ...meantBy(inner) };
  });
}

function meantBy(inner: string): { meant?: string } {
  const parameter = /^\s*(?:(?:parameters|params|values|vars?)\.)?([A-Za-z][\w-]*)\s*$/.exec(inner);
  if (parameter) return { meant: `$(${parameter[1]})` };
  const output = /^\s*steps\.([\w-]+)\.(?!outputs\b)(\w+)\s*$/.exec(inner);
  return output ? { meant: `$(steps.${output[1]}.outputs.${output[2]})` } : {};
}

/** `${{ x }}`, `${x}` and `$x`. A dollar-quoted SQL text (`$tag$`) and `$1` are left alone. */
export function foreignExpressionsIn(text: string): (Place & { meant?: string })[] {
  if (!text.includes('$')) return [];
  return [...text.matchAll(/\$\{\{?([^{}\n]*)\}\}?|(?<![\w$])\$([A-Za-z_]\w*)(?![\w]*\$)/g)].map((match) => {
    const name = (match[1] ?? match[2] ?? '').trim();
    const meant = /^[A-Za-z][\w.-]*$/.test(name) ? `$(${name})` : undefined;
    const place = { text: match[0], start: match.index, end: match.index + match[0].length };
    return meant === undefined ? place : { ...place, meant };
  });
}

/** Whether the text still refers to what only the plan or the run can know. */
export const refersToRun = (text: string): boolean => /\$\((targets|steps)\./.test(text);

/** The one expression that the text consists of, if it does. */
export function soleExpression(text: string): Expression | undefined {
  const [first] = expressionsIn(text);
  return first && first.start === 0 && first.end === text.length ? first : undefined;
}

/** Where a part of a node's text stands in the source; the whole node when that can't be told. */
export function rangeWithin(node: TextNode, part: string): Range {
  const { source, start, end } = node.at;
  const found = source.text.slice(start, end).indexOf(part);
  return found === -1 ? node.at : { source, start: start + found, end: start + found + part.length };
}

/** The text with the values of its parameters; all of them must be given. */
export const fillIn = (text: string, given: ReadonlyMap<string, { text: string }>): string => {
  let filled = '';
  let from = 0;
  for (const expression of expressionsIn(text)) {
    if (expression.kind !== 'parameter') continue;
    filled += text.slice(from, expression.start) + given.get(expression.name)!.text;
    from = expression.end;
  }
  return filled + text.slice(from);
};

/** Reports what looks like an expression and isn't one. */
export function isWellWritten(node: TextNode, report: Report): boolean {
  const foreign = foreignExpressionsIn(node.text);
  for (const { text, meant } of foreign) {
    const message = `write ${meant ?? '$(name)'}, not ${text}`;
    report.add('foreign-expression', rangeWithin(node, text), message, meant ? { suggestion: meant } : {});
  }
  const bad = expressionsIn(node.text).flatMap((expression) => (expression.kind === 'bad' ? [expression] : []));
  for (const { text, meant } of bad) {
    const message = `'${text}' is none of $(parameter), $(targets.NAME.FACT), $(steps.ID.outputs.NAME)`;
    report.add('bad-expression', rangeWithin(node, text), message, meant ? { suggestion: meant } : {});
  }
  return foreign.length === 0 && bad.length === 0;
}
