/**
 * Which REST operation a request asks for. Several operations share a method and a path: the query that their URI fixes,
 * then the members that they require tell them apart. (`x-id` isn't looked at: older clients and hands don't send it.)
 */
import type { WireRequest } from '../protocol.ts';
import type { Operation, Service } from '../service.ts';
import { membersOf, requiredMembers, traitsOf } from '../smithy.ts';

export interface Route {
  operation: Operation;
  /** Path labels by member name, decoded. */
  labels: Readonly<Record<string, string>>;
}

interface Pattern {
  operation: Operation;
  method: string;
  path: RegExp;
  labels: readonly string[];
  /** Query that the URI fixes. */
  fixed: readonly (readonly [name: string, value: string])[];
  requiredQuery: readonly string[];
  requiredHeaders: readonly string[];
  /** Among patterns that match, the one with the highest is meant. */
  weight: number;
}

const patterns = new WeakMap<Service, readonly Pattern[]>();

/** @returns undefined where no operation of the service has this method, path and query */
export function routeOf(service: Service, request: WireRequest): Route | undefined {
  let known = patterns.get(service);
  if (!known) {
    known = [...service.operations.values()].flatMap(patternOf).sort((a, b) => b.weight - a.weight);
    patterns.set(service, known);
  }
  const path = service.signingName === 's3' ? pathStyle(request) : request.path;
  const matching = known.find((pattern) => matches(pattern, request, path));
  if (!matching) return undefined;
  const values = matching.path.exec(path)?.slice(1) ?? [];
  const labels = matching.labels.map((label, i): [string, string] => [label, decodeURIComponent(values[i] ?? '')]);
  return { operation: matching.operation, labels: Object.fromEntries(labels) };
}

function matches(pattern: Pattern, request: WireRequest, path: string): boolean {
  return (
    pattern.method === request.method &&
    pattern.path.test(path) &&
    pattern.fixed.every(([name, value]) => request.query.get(name) === value) &&
    pattern.requiredQuery.every((name) => request.query.has(name)) &&
    pattern.requiredHeaders.every((name) => request.headers[name] !== undefined)
  );
}

function patternOf(operation: Operation): Pattern[] {
  if (!operation.http) return [];
  const [method, uri] = operation.http;
  const [uriPath = '/', search = ''] = uri.split('?');
  const members = new Map(membersOf(operation.input));
  // S3's schemas leave the bucket out of the URI because clients move it into the host name.
  const bucket = members.get('Bucket');
  const withBucket = bucket && traitsOf(bucket).httpLabel && !uriPath.includes('{Bucket}');
  const template = withBucket ? `/{Bucket}${uriPath}` : uriPath;
  const { path, labels } = compile(template);
  const fixed = [...new URLSearchParams(search)].filter(([name]) => name !== 'x-id');
  const required = requiredMembers(operation.input).map((name) => traitsOf(members.get(name) as never));
  const requiredQuery = required.flatMap(({ httpQuery }) => httpQuery ?? []);
  const requiredHeaders = required.flatMap(({ httpHeader }) => httpHeader?.toLowerCase() ?? []);
  const literals = template.split('/').filter((part) => part !== '' && !part.startsWith('{')).length;
  const weight = 100 * literals + 10 * fixed.length + requiredQuery.length + requiredHeaders.length;
  return [{ operation, method, path, labels, fixed, requiredQuery, requiredHeaders, weight }];
}

/** `/{Bucket}/{Key+}` as an expression; a greedy label takes slashes too. A slash at the end may be there or not. */
function compile(template: string): { path: RegExp; labels: string[] } {
  const labels: string[] = [];
  const trimmed = template.replace(/\/$/, '');
  const source = trimmed.replaceAll(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (literal, label?: string, greedy?: string) => {
    if (label === undefined) return `\\${literal}`;
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  return { path: new RegExp(`^${source}/?$`, 's'), labels };
}

/** Names under which buckets are reached as host names; elsewhere the bucket stands in the path. */
const bucketHost = /^(.+)\.(?:localhost|s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com)$/;

function pathStyle({ headers, path }: WireRequest): string {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  const bucket = bucketHost.exec(host)?.[1];
  return bucket === undefined || bucket === 's3' ? path : `/${bucket}${path}`;
}
