/**
 * Fills `$(targets.NAME.FACT)` in with what was found. `$(steps…)` stays: outputs exist only while the run is on.
 */
import type { WithValue } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import type { ResolvedTarget } from '../domain/plan.ts';

const expression = /\$\(targets\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\)/g;

/** Names of the targets whose facts a value uses. */
export function targetsUsedBy(value: unknown): string[] {
  return [...JSON.stringify(value ?? null).matchAll(expression)].map((match) => match[1]!);
}

/**
 * @throws UsageError `fact-missing` when a target has no such fact, or several resources that differ in it
 */
export function fillFacts<T extends WithValue>(value: T, targets: Readonly<Record<string, ResolvedTarget>>): T {
  return fill(value, targets) as T;
}

function fill(value: WithValue, targets: Readonly<Record<string, ResolvedTarget>>): WithValue {
  if (typeof value === 'string') {
    return value.replaceAll(expression, (_, name: string, fact: string) => factOf(targets[name], name, fact));
  }
  if (Array.isArray(value)) return value.map((item: WithValue) => fill(item, targets));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, targets)]));
}

function factOf(target: ResolvedTarget | undefined, name: string, fact: string): string {
  const values = new Set((target?.items ?? []).map(({ facts }) => facts[fact]));
  const [value] = values;
  if (values.size === 1 && (typeof value === 'string' || typeof value === 'number')) return String(value);
  throw new UsageError('fact-missing', `target ${name} gives no single ${fact}`, {
    expected: `one ${fact} for everything that ${name} stands for`,
    found: values.size === 0 ? 'nothing was found for it' : [...values].map(String).join(', '),
    remedy: `Select ${name} more narrowly, or write the value itself.`,
  });
}
