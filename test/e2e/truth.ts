/**
 * A client that asks the site by itself, 200 times a second where the machine can serve that, for the truth that a run's figures
 * are held to. It shares nothing with the probes: its own sockets, its own DNS queries, its own idea of when an answer is good.
 *
 *   every 5 ms, in turn:   GET /orders/1     PUT /canary/truth/{n}     each with a new query and a new connection
 */
import { createSocket } from 'node:dgram';
import type { Socket as Udp } from 'node:dgram';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode, encode } from 'dns-packet';
import type { LabUp } from './lab.ts';

export type Asked = 'read' | 'write';

export interface Truth {
  asked: Asked;
  n: number;
  /** Monotonic milliseconds of the start. */
  sentMs: number;
  tookMs: number;
  /** `unknown`: this process itself was held up while it waited. */
  outcome: 'good' | 'bad' | 'unknown';
}

/** Bounds of an outage in milliseconds: for every client it lasted at least, and for any client at most this long. */
export interface TrueOutage {
  atLeastMs: number;
  atMostMs: number;
}

/** Up to 200 a second: on a busy machine the watching must not become an outage of its own. */
const periodsMs = [50, 20, 10, 5] as const;
/** How long a rate is tried, and how quickly every answer must come for the machine to have some left for the others. */
const trialMs = 1_000;
const easyMs = 150;
/** Held up for longer than this, it can't tell a slow answer from its own slowness. */
const stallMs = 100;
/** Rows of the truth's own writes. */
export const truthRun = 'truth';

export class TruthClient {
  readonly samples: Truth[] = [];
  /** What was settled on. */
  periodMs: number = periodsMs[0];
  readonly #site: URL;
  readonly #timeoutMs: number;
  readonly #udp: Udp;
  readonly #queries = new Map<number, (address: string | undefined) => void>();
  #queryId = 0;
  #asked = 0;
  #nextMs: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #open = new Set<Promise<void>>();
  #stalledAtMs = Number.NEGATIVE_INFINITY;

  private constructor(site: URL, timeoutMs: number, udp: Udp) {
    this.#site = site;
    this.#timeoutMs = timeoutMs;
    this.#udp = udp;
    this.#nextMs = performance.now();
  }

  /** @param timeoutMs within which an answer counts as good */
  static async start({ url, env }: LabUp, timeoutMs: number): Promise<TruthClient> {
    const [host, port] = env['FIREDRILL_RESOLVER']!.split(':');
    const udp = createSocket('udp4');
    await new Promise<void>((resolve) => udp.connect(Number(port), host, resolve));
    const client = new TruthClient(new URL(url), timeoutMs, udp);
    udp.on('message', (packet) => client.#answered(packet));
    udp.on('error', () => undefined); // An unreachable server is a query without an answer.
    client.#tick();
    await client.#settle();
    return client;
  }

  /** Asks faster and faster while the site answers everything with ease. */
  async #settle(): Promise<void> {
    for (const periodMs of periodsMs) {
      const before = this.periodMs;
      this.periodMs = periodMs;
      if (await this.#isEasy()) continue;
      this.periodMs = before;
      await sleep(trialMs);
      return;
    }
  }

  async #isEasy(): Promise<boolean> {
    const from = performance.now();
    await sleep(trialMs);
    const to = performance.now();
    await Promise.all(this.#open);
    const tried = this.samples.filter(({ sentMs }) => sentMs >= from && sentMs <= to);
    return tried.every(({ outcome, tookMs }) => outcome === 'good' && tookMs < easyMs);
  }

  /** Stops asking; resolves when nothing is open any more. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#open);
    this.#udp.close();
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#nextMs > stallMs) {
      this.#stalledAtMs = now;
      this.#nextMs = now;
    }
    while (this.#nextMs <= now) {
      const asking = this.#ask();
      this.#open.add(asking);
      void asking.finally(() => this.#open.delete(asking));
      this.#nextMs += this.periodMs;
    }
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#nextMs - performance.now()));
  }

  async #ask(): Promise<void> {
    this.#asked += 1;
    const n = this.#asked;
    const asked: Asked = n % 2 === 0 ? 'write' : 'read';
    const sentMs = performance.now();
    const good = await this.#request(asked === 'read' ? 'GET /orders/1' : `PUT /canary/${truthRun}/${n}`);
    const stalled = this.#stalledAtMs >= sentMs;
    const outcome = good ? 'good' : stalled ? 'unknown' : 'bad';
    this.samples.push({ asked, n, sentMs, tookMs: performance.now() - sentMs, outcome });
  }

  /** @returns whether 200 came within the timeout */
  async #request(line: string): Promise<boolean> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const host = await this.#resolve(deadline);
    if (host === undefined) return false;
    return new Promise((resolve) => {
      const socket = connect({ host, port: Number(this.#site.port) });
      let answer = '';
      const end = (good: boolean): void => {
        deadline.removeEventListener('abort', late);
        socket.destroy();
        resolve(good);
      };
      const late = (): void => end(false);
      deadline.addEventListener('abort', late);
      if (deadline.aborted) late();
      socket.on('error', late);
      socket.on('data', (piece) => (answer += piece.toString('latin1')));
      socket.on('end', () => end(answer.startsWith('HTTP/1.1 200 ')));
      socket.write(`${line} HTTP/1.1\r\nhost: ${this.#site.host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
  }

  #resolve(deadline: AbortSignal): Promise<string | undefined> {
    this.#queryId = (this.#queryId + 1) % 65_536;
    const id = this.#queryId;
    return new Promise((resolve) => {
      const end = (address?: string): void => {
        this.#queries.delete(id);
        deadline.removeEventListener('abort', late);
        resolve(address);
      };
      const late = (): void => end();
      deadline.addEventListener('abort', late);
      this.#queries.set(id, end);
      const questions = [{ type: 'A' as const, name: this.#site.hostname }];
      this.#udp.send(encode({ type: 'query', id, questions }));
    });
  }

  #answered(packet: Buffer): void {
    const { id, answers = [] } = decode(packet);
    const address = answers.find((answer) => answer.type === 'A');
    if (id !== undefined) this.#queries.get(id)?.(address?.type === 'A' ? address.data : undefined);
  }
}

/**
 * The longest outage among requests that were started in `[fromMs, toMs]`. Failures less than `steadyMs` apart are one outage.
 * Its length depends on who asks: where it begins or ends piecemeal, with some requests good and some bad; and because a request
 * that is under way when the service fails has failed from its start, which for a slow one is earlier. Hence two bounds.
 */
export function outageIn(
  samples: readonly Truth[],
  { fromMs, toMs, steadyMs }: { fromMs: number; toMs: number; steadyMs: number },
): TrueOutage | undefined {
  const inside = samples
    .filter(({ sentMs, outcome }) => outcome !== 'unknown' && sentMs >= fromMs && sentMs <= toMs)
    .sort((a, b) => a.sentMs - b.sentMs);
  const outages: Truth[][] = [];
  for (const sample of inside.filter(({ outcome }) => outcome === 'bad')) {
    const open = outages.at(-1);
    if (open && sample.sentMs - open.at(-1)!.sentMs < steadyMs) open.push(sample);
    else outages.push([sample]);
  }
  const lengthOf = (bad: readonly Truth[]): number => bad.at(-1)!.sentMs - bad[0]!.sentMs;
  const longest = outages.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
  if (longest === undefined) return undefined;
  const [first, last] = [longest[0]!, longest.at(-1)!];
  const before = inside.findLast(({ outcome, sentMs }) => outcome === 'good' && sentMs < first.sentMs);
  const after = inside.find(({ outcome, sentMs }) => outcome === 'good' && sentMs > last.sentMs);
  if (before === undefined || after === undefined) return undefined;
  let atLeastMs = 0;
  let since: number | undefined;
  for (const { outcome, sentMs } of inside) {
    if (outcome === 'good') since = undefined;
    else {
      since ??= sentMs;
      atLeastMs = Math.max(atLeastMs, sentMs - since);
    }
  }
  const slowMs = quantile(
    inside.filter(({ outcome }) => outcome === 'good').map(({ tookMs }) => tookMs),
    0.99,
  );
  return { atLeastMs: atLeastMs - slowMs, atMostMs: after.sentMs - before.sentMs + slowMs };
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
