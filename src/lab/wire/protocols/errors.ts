/** What the error forms of all protocols share. */
import type { WireError } from '../protocol.ts';
import type { Service } from '../service.ts';
import { membersOf, structure, text, type Schema } from '../smithy.ts';

/** Members of the error's schema other than those that every error has; their names differ by protocol and case. */
export function errorMembers(error: WireError, common: readonly string[]): [string, Schema][] {
  if (!error.shape) return [];
  return membersOf(error.shape.schema).filter(([name]) => !common.includes(name.toLowerCase()));
}

/** Whose fault it is, in the words of the query protocols. */
export const faultOf = ({ status }: WireError): 'Sender' | 'Receiver' => (status < 500 ? 'Sender' : 'Receiver');

/** Services that once spoke query tell their old code to clients that match on it. */
export const queryErrorHeader = ({ queryCompatible }: Service, error: WireError): Record<string, string> =>
  queryCompatible ? { 'x-amzn-query-error': `${error.shape?.code ?? error.code};${faultOf(error)}` } : {};

/** The error as JSON and CBOR carry it: schema and document. */
export function typedError({ namespace }: Service, error: WireError): [Schema, object] {
  const schema = structure('Error', [['__type', text], ['message', text], ...errorMembers(error, ['message'])]);
  const type = `${namespace}#${error.shape?.name ?? error.code}`;
  return [schema, { ...error.members, ['__type']: type, message: error.message }];
}
