/**
 * A definition as a tree of texts, maps and lists, each knowing where it stands. It is YAML without YAML's types, aliases
 * and tags. Substitution of parameters (substitute.ts) makes a new tree for every value set.
 */
import type { WithValue } from '../domain/drill.ts';
import type { Range } from './source.ts';

export interface TextNode {
  kind: 'text';
  text: string;
  at: Range;
  /** A parameter stood in it. `whole` when the parameter was all of it: `at` is then where its value stands. */
  computed?: { writtenAt: Range; values: string; whole?: { parameter: string } };
  /** Its text can't be known because of a mistake that is reported already: nothing more is said about it. */
  broken?: true;
}

export interface Entry {
  key: string;
  keyAt: Range;
  value: Node;
}

export interface MapNode {
  kind: 'map';
  /** Keys are unique. */
  entries: Entry[];
  /** What stood under a key for the second time: refused, but what it names counts as used. */
  dropped?: Node[];
  at: Range;
}

interface ListNode {
  kind: 'list';
  items: Node[];
  at: Range;
}

/** A key without a value. */
interface EmptyNode {
  kind: 'empty';
  at: Range;
}

export type Node = TextNode | MapNode | ListNode | EmptyNode;

export const entryOf = (node: Node | undefined, key: string): Entry | undefined =>
  node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;

export const child = (node: Node | undefined, ...keys: readonly string[]): Node | undefined =>
  keys.reduce<Node | undefined>((found, key) => entryOf(found, key)?.value, node);

export const mapChild = (node: Node | undefined, key: string): MapNode | undefined => {
  const found = child(node, key);
  return found?.kind === 'map' ? found : undefined;
};

/** The text of a child; undefined when it is missing, broken or no text. */
export const textChild = (node: Node | undefined, key: string): TextNode | undefined => {
  const found = child(node, key);
  return found?.kind === 'text' && !found.broken ? found : undefined;
};

export const itemsOf = (node: Node | undefined): readonly Node[] => (node?.kind === 'list' ? node.items : []);

export const isBroken = (node: Node | undefined): boolean => node?.kind === 'text' && node.broken === true;

/** Every text below a node, keys left out. */
export function* textsIn(node: Node): Generator<TextNode> {
  if (node.kind === 'text') yield node;
  else if (node.kind === 'list') for (const item of node.items) yield* textsIn(item);
  else if (node.kind === 'map') {
    for (const { value } of node.entries) yield* textsIn(value);
    for (const dropped of node.dropped ?? []) yield* textsIn(dropped);
  }
}

/** The node as plain text, maps and lists. */
export function plain(node: Node): WithValue {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'list') return node.items.map(plain);
  if (node.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  return '';
}
