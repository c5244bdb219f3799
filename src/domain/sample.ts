/**
 * What the prober writes down: one line a request, from the user's side. Sample times are monotonic nanoseconds of the host
 * `clockId`; outages are about when requests were *started*.
 */
export type Outcome =
  /** The right answer within the probe's timeout. */
  | 'good'
  /** A wrong answer, a refusal, or none in time. */
  | 'bad'
  /** A write whose answer never came: it may have been committed. Counts as bad for the outage, never as lost for RPO. */
  | 'indeterminate'
  /** The prober itself was stalled: nothing can be said. */
  | 'unknown';

export interface Sample {
  probe: string;
  /**
   * Gap-free per probe and prober; for canaries also the number that is written. A prober that takes over starts above
   * every number that was used before it in the run.
   */
  seq: number;
  clockId: string;
  /** When the request was started; decimal text of monotonic nanoseconds. */
  sentNs: string;
  doneNs: string;
  outcome: Outcome;
  /** Wall time of the start, ISO 8601, for people and for intervals across hosts. */
  at: string;
  /** Short reason of anything but good: `timeout`, `refused`, `status 503`, `wrong body`. */
  why?: string;
  /** What was read: a replica's position, an answer's address. */
  value?: string;
}

/** Which numbered writes were found when canaries were read back, last of all. Ranges are inclusive. */
export interface CanaryReadback {
  probe: string;
  found: readonly (readonly [from: number, to: number])[];
  /** Mark of the reading, monotonic nanoseconds. */
  atNs: string;
  clockId: string;
  /** Set when reading back did not work; RPO is then unknown. */
  error?: string;
}

/** How every probe stands right now, as the prober sees it. Updated a few times a second. */
export interface ProbeStatus {
  probe: string;
  state: 'good' | 'bad' | 'unknown';
  /** Start of the first request of the current streak, monotonic nanoseconds of `clockId`. */
  sinceNs: string;
  /** Start of the newest request before which none is open. A stale status says nothing: judge by `asOfNs - sinceNs`. */
  asOfNs: string;
  clockId: string;
  why?: string;
}

/** Name under which the positions of a replica are sampled; drills can't use it, names of probes have no colon. */
export const positionProbe = (target: string): string => `position:${target}`;
