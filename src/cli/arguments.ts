/** Arguments that commander itself can refuse, with the option's name in front. */
import { InvalidArgumentError } from 'commander';

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1.');
}

/** One value of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** The value sets of `--values prod,checkout`. */
export const valueSetsOf = (values: string | undefined): string[] | undefined =>
  values?.split(',').map((name) => name.trim());
