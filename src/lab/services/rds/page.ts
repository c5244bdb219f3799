/** Marker paging as RDS does it: MaxRecords 20 to 100, default 100. */
import { AwsError } from '../../wire/handler.ts';

export function page<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { MaxRecords = 100, Marker }: { MaxRecords?: number | undefined; Marker?: string | undefined },
): { items: T[]; marker: string | undefined } {
  if (MaxRecords < 20 || MaxRecords > 100)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`,
    );
  const from = Marker === undefined ? 0 : all.findIndex((item) => keyOf(item) === Marker);
  if (from < 0) throw new AwsError('InvalidParameterValue', 'The Marker parameter is not valid.');
  const next = all[from + MaxRecords];
  return { items: all.slice(from, from + MaxRecords), marker: next === undefined ? undefined : keyOf(next) };
}
