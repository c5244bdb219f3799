/**
 * Health checks of one balancer node against its targets, as an Application Load Balancer makes them: the first check decides a new
 * target, later a number of checks in a row turns it.
 * Source: Elastic Load Balancing user guide, "Health checks for Application Load Balancer target groups".
 */
import { request, type Agent } from 'node:http';
import type { BalancerSpec, TargetHealth } from './machines.ts';

export type Target = BalancerSpec['targets'][number];
type HealthSettings = BalancerSpec['health'];

/** What checks in a row make of a target. */
export class HealthCount {
  state: TargetHealth['state'] = 'unknown';
  why: string | undefined;
  private against = 0;

  /** @param failure absent when the check passed */
  add(failure: string | undefined, { healthyCount, unhealthyCount }: HealthSettings): void {
    const found = failure === undefined ? 'healthy' : 'unhealthy';
    if (found === 'unhealthy') this.why = failure;
    if (this.state === found) {
      this.against = 0;
      return;
    }
    this.against += 1;
    const needed = this.state === 'unknown' ? 1 : found === 'healthy' ? healthyCount : unhealthyCount;
    if (this.against < needed) return;
    this.state = found;
    this.against = 0;
    if (found === 'healthy') this.why = undefined;
  }
}

interface Checked {
  target: Target;
  count: HealthCount;
  timer?: NodeJS.Timeout;
}

export class HealthChecks {
  private readonly agent: Agent;
  private readonly checked = new Map<string, Checked>();
  private settings: HealthSettings;
  private closed = false;

  /** @param agent sends from the node's own address */
  constructor(agent: Agent, settings: HealthSettings) {
    this.agent = agent;
    this.settings = settings;
  }

  /** Takes over a new list: known targets keep their state, new ones are checked at once. */
  set(targets: readonly Target[], settings: HealthSettings): void {
    this.settings = settings;
    const wanted = new Map(targets.map((target) => [keyOf(target), target]));
    for (const [key, { timer }] of this.checked) {
      if (wanted.has(key)) continue;
      clearTimeout(timer);
      this.checked.delete(key);
    }
    for (const [key, target] of wanted) {
      if (this.checked.has(key)) continue;
      const checked = { target, count: new HealthCount() };
      this.checked.set(key, checked);
      void this.check(checked);
    }
  }

  /** Undefined for a target that isn't in the list. */
  of(target: Target): HealthCount | undefined {
    return this.checked.get(keyOf(target))?.count;
  }

  close(): void {
    this.closed = true;
    for (const { timer } of this.checked.values()) clearTimeout(timer);
    this.checked.clear();
  }

  private async check(checked: Checked): Promise<void> {
    const began = performance.now();
    const failure = await probe(this.agent, checked.target, this.settings);
    if (this.closed || this.checked.get(keyOf(checked.target)) !== checked) return;
    checked.count.add(failure, this.settings);
    const restMs = this.settings.intervalMs - (performance.now() - began);
    checked.timer = setTimeout(() => void this.check(checked), Math.max(0, restMs));
  }
}

const keyOf = ({ id, address, port }: Target): string => `${id} ${address}:${port}`;

/** Why the check failed, in the words of DescribeTargetHealth; undefined when it passed. */
function probe(agent: Agent, { address, port }: Target, health: HealthSettings): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request({ agent, host: address, port, path: health.path }, (response) => {
      response.resume();
      const { statusCode } = response;
      response.once('close', () => {
        clearTimeout(timer);
        resolve(statusCode === 200 ? undefined : `Health checks failed with these codes: [${statusCode}]`);
      });
    });
    const timer = setTimeout(() => {
      resolve('Request timed out');
      call.destroy();
    }, health.timeoutMs);
    call.once('error', () => {
      clearTimeout(timer);
      resolve('Health checks failed');
    });
    call.end();
  });
}
