/** The engine's "new transactions can't write" in a DB parameter group: what it is called, reading it, setting it. */
import type { FiredrillError } from '../../domain/errors.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';

export interface Setting {
  [key: string]: string | null;
  /** null: not set, the engine's default. */
  value: string | null;
}

const onValues = new Set(['1', 'on', 'true', 'yes']);
export const isOn = ({ value }: Setting): boolean => value !== null && onValues.has(value.toLowerCase());
export const sameSetting = (a: Setting, b: Setting): boolean => a.value === b.value || (isOn(a) && isOn(b));

export class ReadOnlySetting {
  readonly group: string;
  readonly #input: ActionInput;
  readonly #database: ResolvedTarget;
  readonly #name: string;

  /** @returns undefined when the engine has no such setting that RDS can change */
  static of(input: ActionInput, database: ResolvedTarget): ReadOnlySetting | undefined {
    const name = nameFor(engineOf(database));
    return name === undefined ? undefined : new ReadOnlySetting(input, database, name);
  }

  private constructor(input: ActionInput, database: ResolvedTarget, name: string) {
    this.#input = input;
    this.#database = database;
    this.#name = name;
    this.group = textOf(onlyItem(database).facts['parameterGroup']);
  }

  get #rds() {
    return this.#input.aws.in(placeOf(this.#database)).rds;
  }

  async read({ signal }: Attempt): Promise<Setting> {
    for (let Marker: string | undefined; ;) {
      const page = await this.#rds.describeDBParameters(
        { DBParameterGroupName: this.group, Source: 'user', Marker },
        { signal },
      );
      const found = page.Parameters?.find((parameter) => parameter.ParameterName === this.#name);
      if (found) return { value: found.ParameterValue ?? null };
      if (!page.Marker) return { value: null };
      Marker = page.Marker;
    }
  }

  async write(to: Setting, { signal }: Attempt): Promise<void> {
    const parameter = { ParameterName: this.#name, ApplyMethod: 'immediate' as const };
    if (to.value === null) {
      const input = { DBParameterGroupName: this.group, Parameters: [parameter] };
      await this.#rds.resetDBParameterGroup(input, { signal });
    } else {
      const Parameters = [{ ...parameter, ParameterValue: to.value }];
      await this.#rds.modifyDBParameterGroup({ DBParameterGroupName: this.group, Parameters }, { signal });
    }
  }

  /**
   * The group must be this instance's own: in a shared one, the fence would stop others' writes. What drills have set aside
   * keeps its group, and may well be read-only.
   * @throws UsageError `parameter-group-shared`
   */
  async mustBeOwn({ signal }: Pick<Attempt, 'signal'>): Promise<void> {
    const { id } = onlyItem(this.#database);
    const others: string[] = [];
    for (let Marker: string | undefined; ;) {
      const page = await this.#rds.describeDBInstances({ Marker }, { signal });
      for (const { DBInstanceIdentifier: other = '', DBParameterGroups = [] } of page.DBInstances ?? []) {
        const uses = DBParameterGroups.some((found) => found.DBParameterGroupName === this.group);
        if (uses && other !== id && !other.startsWith(`${id}-kept-`)) others.push(other);
      }
      if (!page.Marker) break;
      Marker = page.Marker;
    }
    if (others.length === 0 && !this.group.startsWith('default.')) return;
    throw new UsageError('parameter-group-shared', `parameter group ${this.group} is not ${id}'s own`, {
      expected: 'a parameter group that only this instance uses',
      found: others.length > 0 ? `${others.join(', ')} use it too` : 'a default group, which can’t be changed',
      remedy: `Give ${id} a parameter group of its own, or fence it with mode: no-access.`,
    });
  }
}

function nameFor(engine: string): string | undefined {
  if (engine.startsWith('postgres')) return 'default_transaction_read_only';
  return /^(mysql|mariadb)/.test(engine) ? 'read_only' : undefined;
}

const engineOf = (database: ResolvedTarget): string => textOf(onlyItem(database).facts['engine']);

export const noReadOnlySetting = (database: ResolvedTarget): FiredrillError =>
  new UsageError('fence-unsupported', `${engineOf(database)} has no read-only setting that RDS can change`, {
    expected: 'postgres, mysql or mariadb',
    found: engineOf(database),
    remedy: 'Fence it with mode: no-access.',
  });
