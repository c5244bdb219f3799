/** Input that its service's model forbids, in the words that AWS's services with JSON protocols have for it. */
import { AwsError } from './handler.ts';

/** @param value null for one that is missing */
export const violated = (member: string, value: string | number | null, constraint: string): AwsError => {
  const shown = value === null ? 'null' : `'${value}'`;
  const message = `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: Member must ${constraint}`;
  return new AwsError('ValidationException', message);
};

/** @throws AwsError ValidationException when it is missing */
export function required<T>(member: string, value: T | undefined): T {
  if (value === undefined) throw violated(member, null, 'not be null');
  return value;
}

/** @throws AwsError ValidationException unless the number is within the bounds, where it is given */
export function inBounds(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw violated(member, value, `have value greater than or equal to ${least}`);
  if (value > most) throw violated(member, value, `have value less than or equal to ${most}`);
}
