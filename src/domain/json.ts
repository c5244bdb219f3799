/** JSON values, and the one canonical text of a value: what hashes and comparisons are made over. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Object keys sorted by code unit, no white space, absent and undefined members left out. Equal values give equal text. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  const object = value as JsonObject;
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`);
  return `{${members.join(',')}}`;
}

/** Whether two values are the same value, whatever the order of their keys. */
export const sameJson = (a: Json | undefined, b: Json | undefined): boolean => canonical(a) === canonical(b);
