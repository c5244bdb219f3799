/** Arguments of several commands: read, or refused with the option's name in front. */
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../domain/errors.ts';

/** A whole number from 1 to 999999. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1 to 999999.');
}

/** One value of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/**
 * The value sets of `--values prod,checkout`.
 * @throws UsageError `bad-arguments` for an empty name: an unset variable of a script must not run with the defaults
 */
export function valueSetsOf(values: string | undefined): string[] | undefined {
  const names = values?.split(',').map((name) => name.trim());
  if (!names?.includes('')) return names;
  throw new UsageError('bad-arguments', `--values '${values}' holds an empty name`, {
    remedy: 'Write the names of value sets with commas between them, like --values prod,checkout.',
  });
}
