/** `http/get`: does a page answer as it should? What a reading user sees. */
import { z } from 'zod';
import type { ProbeSpec } from '../../domain/catalogue.ts';
import { UsageError } from '../../domain/errors.ts';
import { count, httpUrl, text } from '../../domain/fields.ts';
import type { Answer, LiveProbe, ProbeContext, ProbeKind } from '../probe.ts';
import { bad, good } from '../probe.ts';
import { HttpClient } from './request.ts';

const params = z.strictObject({
  url: httpUrl('the URL to get'),
  status: count('the expected status; default 200', { least: 100, most: 599 }).optional(),
  contains: text('text that the body must contain').optional(),
  json: text('fields that the JSON body must have, like status=ok, db.role=primary').optional(),
});

export const spec = {
  name: 'http/get',
  describes: 'Gets a URL and checks status and body',
  params,
} satisfies ProbeSpec<typeof params>;

function open({ probe, resolver }: ProbeContext): LiveProbe {
  const { url, status = 200, contains, json } = params.parse(probe.with);
  const address = new URL(url);
  const fields = json === undefined ? [] : fieldsOf(json);
  const client = new HttpClient(resolver, probe.connection);
  return {
    async ask(_n, signal) {
      const result = await client.request('GET', address, signal);
      if (!result.answered) return bad(result.why);
      if (result.status !== status) return bad(`status ${result.status}`);
      if (contains !== undefined && !result.body.includes(contains)) return bad('wrong body');
      return fields.length > 0 ? checkFields(result.body, fields) : good();
    },
    close: () => client.close(),
  };
}

interface Field {
  path: readonly string[];
  value: string;
}

/** @throws UsageError `json-fields` */
function fieldsOf(json: string): Field[] {
  return json.split(',').map((part) => {
    const [path = '', value] = part.split('=', 2).map((side) => side.trim());
    if (path !== '' && value !== undefined && value !== '') return { path: path.split('.'), value };
    throw new UsageError('json-fields', `'${part.trim()}' is not a field and its value`, {
      expected: 'path=value, several separated by commas, like status=ok, db.role=primary',
      remedy: "Change the probe's json.",
    });
  });
}

function checkFields(body: string, fields: readonly Field[]): Answer {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return bad('body is no JSON');
  }
  const wrong = fields.find(({ path, value }) => textAt(document, path) !== value);
  return wrong ? bad(`wrong ${wrong.path.join('.')}`) : good();
}

function textAt(document: unknown, path: readonly string[]): string | undefined {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const httpGet: ProbeKind<typeof params> = { spec, open };
