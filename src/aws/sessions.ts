/**
 * As whom calls are made: assumes a location's role and makes sure of the account before anything else is called there.
 * Sessions live in memory only; a process that takes a run over assumes its own. Roles that were reached from a role last one
 * hour, whatever they allow, so every session is renewed before its end.
 */
import type { Place } from './aws.ts';
import type { Credentials } from './clients.ts';
import { keyOf } from './clients.ts';
import { AccountMismatchError } from './errors.ts';

/** The SDK asks for new credentials five minutes before the end; a session must not be older by then. */
const renewBeforeMs = 6 * 60_000;

/** Sessions last an hour. One that has this much left, milliseconds, is as good as a new one. */
const freshMs = 55 * 60_000;

export type Session = Credentials & { expiration: Date };

/** The STS calls that sessions are made of, through the funnel itself. */
export interface SessionCalls {
  assumeRole(place: Place, input: { RoleArn: string; RoleSessionName: string; ExternalId?: string }): Promise<Session>;
  /** The account that the place's credentials belong to. */
  account(place: Place): Promise<string>;
}

export class Sessions {
  readonly #sessionName: string;
  readonly #sessions = new Map<string, Session>();
  readonly #assuming = new Map<string, Promise<Credentials>>();
  readonly #checks = new Map<string, Promise<void>>();

  constructor(runId: string) {
    this.#sessionName = runId
      .replaceAll(/[^\w+=,.@-]/g, '-')
      .slice(0, 64)
      .padEnd(2, '-');
  }

  /**
   * Credentials of the place's role, with some minutes left. Absent: the place has no role.
   * @param forMs how long they are needed, as far as a new session lasts that long
   */
  async credentials(place: Place, calls: SessionCalls, forMs = 0): Promise<Credentials | undefined> {
    if (place.role === undefined) return undefined;
    const key = keyOf(place);
    const session = this.#sessions.get(key);
    const leftMs = Math.max(renewBeforeMs, Math.min(forMs, freshMs));
    if (session && session.expiration.getTime() - Date.now() > leftMs) return session;
    let assuming = this.#assuming.get(key);
    if (!assuming) {
      assuming = this.#assume(place, calls).finally(() => this.#assuming.delete(key));
      this.#assuming.set(key, assuming);
    }
    return assuming;
  }

  /** @throws AccountMismatchError */
  async check(place: Place, calls: SessionCalls): Promise<void> {
    const key = keyOf(place);
    let check = this.#checks.get(key);
    if (!check) {
      check = this.#checkAccount(place, calls);
      this.#checks.set(key, check);
      check.catch(() => this.#checks.delete(key));
    }
    return check;
  }

  /** AWS takes the session for expired: the next call assumes the role anew. */
  forget(place: Place): void {
    this.#sessions.delete(keyOf(place));
  }

  async #assume(place: Place, calls: SessionCalls): Promise<Credentials> {
    const session = await calls.assumeRole(place, {
      RoleArn: roleArn(place),
      RoleSessionName: this.#sessionName,
      ExternalId: place.externalId,
    });
    this.#sessions.set(keyOf(place), session);
    return session;
  }

  async #checkAccount(place: Place, calls: SessionCalls): Promise<void> {
    const account = await calls.account(place);
    if (account !== place.account) throw new AccountMismatchError(place, account);
  }
}

/** A role given by its name is one of the location's own account. */
export function roleArn({ role = '', account, region }: Place): string {
  if (role.startsWith('arn:')) return role;
  return `arn:${partitionOf(region)}:iam::${account}:role/${role}`;
}

/** `aws`, except where AWS has another one: China, GovCloud. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
