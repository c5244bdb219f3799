/**
 * The guardrails of a run, put together: what the run knows by itself, and the alarms that shall stop it. Alarms are read
 * beside the watch, never in it: an endpoint that hangs must not keep an abort from being heard.
 *
 * A guardrail that can't be read must not be trusted, so a run that has been blind for too long turns. The assumption that a
 * region's APIs are gone doesn't hold for these reads: they keep people safe and recover nothing.
 */
import type { Aws } from '../aws/aws.ts';
import type { Clock } from '../domain/clock.ts';
import { FiredrillError, reportOf } from '../domain/errors.ts';
import type { Turn } from '../domain/event.ts';
import type { Plan, ResolvedTarget } from '../domain/plan.ts';
import type { Guardrail } from '../run/watch.ts';
import { isGuarded, runGuardrail } from '../run/watch.ts';

export interface GuardrailDeps {
  clock: Clock;
  aws: Aws;
  /** Time from one look at the alarms to the next, milliseconds. */
  everyMs: number;
}

/** For how long, and how often in a row, alarms may be unreadable before the run turns. */
const blindMs = 30_000;
const blindLooks = 3;
/** Time for one look, milliseconds. */
const lookMs = 10_000;

export interface RunGuardrail extends Guardrail {
  /** Ends a look that is under way. */
  close(): Promise<void>;
}

export function createGuardrail(deps: GuardrailDeps): RunGuardrail {
  const own = runGuardrail(deps.clock);
  const closed = new AbortController();
  let watches: AlarmWatch[] | undefined;
  return {
    async check(state, probes) {
      const turn = await own.check(state, probes);
      if (turn || !isGuarded(state)) return turn;
      watches ??= alarmsByPlace(state.plan).map((alarms) => new AlarmWatch(deps, alarms, closed.signal));
      return watches.map((watch) => watch.check()).find((found) => found !== undefined);
    },
    async close() {
      closed.abort();
      await Promise.all((watches ?? []).map((watch) => watch.idle()));
    },
  };
}

/** The alarms of `stopOn`, those of one location together: they are read with one call. */
function alarmsByPlace({ drill, targets }: Plan): ResolvedTarget[][] {
  const byLocation = new Map<string, ResolvedTarget[]>();
  for (const limit of drill.guardrails.stopOn) {
    if (!('alarm' in limit)) continue;
    const alarm = targets[limit.alarm]!;
    byLocation.set(alarm.location, [...(byLocation.get(alarm.location) ?? []), alarm]);
  }
  return [...byLocation.values()];
}

/** Looks at the alarms of one location again and again. */
class AlarmWatch {
  readonly #deps: GuardrailDeps;
  readonly #place: ResolvedTarget;
  readonly #names: readonly string[];
  readonly #closed: AbortSignal;
  #looking: Promise<void> | undefined;
  #lookedAt: bigint | undefined;
  #failures: { since: bigint; looks: number; error: unknown } | undefined;
  #raised: string | undefined;

  constructor(deps: GuardrailDeps, alarms: readonly ResolvedTarget[], closed: AbortSignal) {
    this.#deps = deps;
    this.#place = alarms[0]!;
    this.#names = [...new Set(alarms.flatMap(({ items }) => items.map(({ id }) => id)))];
    this.#closed = closed;
  }

  /** What was found so far; starts another look when it is time for one. */
  check(): Turn | undefined {
    if (this.#raised !== undefined) return { kind: 'guardrail', message: this.#raised };
    const blind = this.#blind();
    if (blind !== undefined) return { kind: 'guardrail', message: blind };
    if (!this.#looking && (this.#lookedAt === undefined || this.#msSince(this.#lookedAt) >= this.#deps.everyMs)) {
      this.#lookedAt = this.#deps.clock.monoNs();
      this.#looking = this.#look(this.#lookedAt).finally(() => (this.#looking = undefined));
    }
    return undefined;
  }

  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(at: bigint): Promise<void> {
    try {
      this.#raised = await this.#alarmThatIsOn();
      this.#failures = undefined;
    } catch (error) {
      if (this.#closed.aborted) return;
      const { since, looks } = this.#failures ?? { since: at, looks: 0 };
      this.#failures = { since, looks: looks + 1, error };
    }
  }

  /** @throws FiredrillError `alarm-gone`, and what AWS says */
  async #alarmThatIsOn(): Promise<string | undefined> {
    const limit = AbortSignal.timeout(lookMs);
    const { cloudwatch } = this.#deps.aws.in(this.#place);
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch
      .describeAlarms(
        { AlarmNames: [...this.#names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 },
        { signal: AbortSignal.any([this.#closed, limit]) },
      )
      .catch((error: unknown) => {
        throw limit.aborted ? noAnswer(this.#place.region) : error;
      });
    const found = [...MetricAlarms, ...CompositeAlarms];
    const on = found.find(({ StateValue }) => StateValue === 'ALARM');
    if (on) return `alarm ${on.AlarmName} went off${on.StateReason ? `: ${on.StateReason}` : ''}`;
    const gone = this.#names.find((name) => !found.some(({ AlarmName }) => AlarmName === name));
    if (gone !== undefined) throw alarmGone(gone);
    return undefined;
  }

  #blind(): string | undefined {
    if (!this.#failures) return undefined;
    const { since, looks, error } = this.#failures;
    const ms = this.#msSince(since);
    if (looks < blindLooks || ms < blindMs) return undefined;
    return `guardrail ${this.#names.join(', ')} could not be read for ${Math.floor(ms / 1000)} s: ${reportOf(error).message}`;
  }

  #msSince(ns: bigint): number {
    return Number(this.#deps.clock.monoNs() - ns) / 1e6;
  }
}

const noAnswer = (region: string): FiredrillError =>
  new FiredrillError('no-answer', `CloudWatch in ${region} did not answer within ${lookMs / 1000} s`);

const alarmGone = (name: string): FiredrillError =>
  new FiredrillError('alarm-gone', `there is no alarm ${name} any more`, {
    remedy: 'Find out in CloudTrail who deleted it.',
  });
