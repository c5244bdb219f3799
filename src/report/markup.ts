/**
 * HTML that can't be broken out of: a template whose every value is escaped unless it is markup itself. Reports show text from
 * definitions, clouds and people; none of it may become an element.
 */
import { isLayout, replaceControls } from '../domain/control-characters.ts';

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = string | number | Markup | undefined | false | readonly Piece[];

/** `html\`<p>${text}</p>\``: strings are escaped, markup and lists of it stand as they are, undefined and false give nothing. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(parts.map((part, n) => (n === 0 ? part : textOf(pieces[n - 1]) + part)).join(''));
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'object') return piece.map((each) => textOf(each)).join('');
  return escapeHtml(String(piece));
}

/** Safe in elements and in quoted attributes. Control characters are left out: HTML forbids most, and others turn the writing. */
export const escapeHtml = (text: string): string =>
  replaceControls(text, (character) => (isLayout(character) ? character : ''))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
