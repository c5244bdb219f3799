/**
 * `http/canary`: numbered writes through the application. PUT `{url}/{run}/{n}` answers 200 once the number is committed, GET
 * `{url}/{run}` lists the numbers that are there, DELETE removes them. The application owns the table.
 *
 * Only a 200 acknowledges. A request that reached the server and got no answer, or a server's error, may have been committed.
 */
import { z } from 'zod';
import type { ProbeSpec } from '../../domain/catalogue.ts';
import { httpUrl } from '../../domain/fields.ts';
import { ProbeFailure } from '../failure.ts';
import type { LiveProbe, ProbeContext, ProbeKind } from '../probe.ts';
import { bad, good } from '../probe.ts';
import type { Outcome } from './request.ts';
import { HttpClient } from './request.ts';

const params = z.strictObject({ url: httpUrl("the application's canary URL") });

export const spec = {
  name: 'http/canary',
  describes: 'Writes numbers through the application and reads them back at the end: gives RPO',
  params,
  canary: true,
} satisfies ProbeSpec<typeof params>;

function open({ runId, probe, plan, resolver }: ProbeContext): LiveProbe {
  const { url } = params.parse(probe.with);
  const sharers = plan.probes.filter((other) => other.uses === spec.name && other.with['url'] === url);
  // Two canaries of one application would read each other's numbers as their own.
  const key = sharers.length > 1 ? `${runId}-${probe.name}` : runId;
  const list = new URL(`${url.replace(/\/$/, '')}/${encodeURIComponent(key)}`);
  const client = new HttpClient(resolver, probe.connection);
  return {
    async ask(n, signal) {
      const result = await client.request('PUT', new URL(`${list.href}/${n}`), signal);
      if (!result.answered) return result.sent ? { outcome: 'indeterminate', why: result.why } : bad(result.why);
      if (result.status === 200) return good();
      const why = `status ${result.status}`;
      return result.status >= 500 ? { outcome: 'indeterminate', why } : bad(why);
    },
    async readBack(signal) {
      return numbersIn(bodyOf(await client.request('GET', list, signal)));
    },
    async cleanUp(signal) {
      bodyOf(await client.request('DELETE', list, signal));
    },
    close: () => client.close(),
  };
}

function bodyOf(result: Outcome): string {
  if (!result.answered) throw new ProbeFailure(result.why);
  if (result.status < 200 || result.status > 299) throw new ProbeFailure(`status ${result.status}`);
  return result.body;
}

/** A JSON array of numbers, or numbers separated by white space or commas. */
function numbersIn(body: string): number[] {
  const words = body.replace(/^\s*\[|\]\s*$/g, '').split(/[\s,]+/);
  return words
    .filter((word) => word !== '')
    .map((word) => {
      if (!/^"?\d+"?$/.test(word)) throw new ProbeFailure('the list of canaries is not a list of numbers');
      return Number(word.replaceAll('"', ''));
    });
}

export const httpCanary: ProbeKind<typeof params> = { spec, open };
