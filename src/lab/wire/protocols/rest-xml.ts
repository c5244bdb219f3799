/** restXml: input in path, query, headers and an XML or streamed body. S3 and Route 53 speak it. */
import { Readable } from 'node:stream';
import type { Answer, Protocol, WireError, WireRequest } from '../protocol.ts';
import type { Operation, Service } from '../service.ts';
import { membersOf, structure, text, traitsOf, type Codecs, type Schema, type TraitMap } from '../smithy.ts';
import { errorMembers, faultOf } from './errors.ts';
import { routeOf } from './rest-route.ts';
import { xmlDocument } from './xml.ts';

const isBody = ({ httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode }: TraitMap) =>
  !httpLabel &&
  httpQuery === undefined &&
  httpHeader === undefined &&
  httpPrefixHeaders === undefined &&
  !httpPayload &&
  !httpResponseCode;

/** The members that stand in the body, as a structure of the shape's name. */
function bodySchema(schema: Schema): Schema | undefined {
  const members = membersOf(schema).filter(([, member]) => isBody(traitsOf(member)));
  const { xmlName, xmlNamespace } = traitsOf(schema);
  return members.length === 0
    ? undefined
    : structure(xmlName ?? schema.getName() ?? 'Body', members, { xmlName, xmlNamespace });
}

const prefixed = (headers: WireRequest['headers'], prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  );

function readBound(codecs: Codecs, member: Schema, request: WireRequest): unknown {
  const { httpQuery, httpHeader, httpPrefixHeaders } = traitsOf(member);
  if (httpQuery !== undefined) {
    if (!request.query.has(httpQuery)) return undefined;
    if (!member.isListSchema()) return codecs.string.read(member, request.query.get(httpQuery) ?? '');
    const item = member.getValueSchema();
    return request.query.getAll(httpQuery).map((value) => codecs.string.read(item, value));
  }
  if (httpHeader !== undefined) {
    const value = request.headers[httpHeader.toLowerCase()];
    return value === undefined ? undefined : codecs.string.read(member, String(value));
  }
  if (httpPrefixHeaders === undefined) return undefined;
  const values = prefixed(request.headers, httpPrefixHeaders.toLowerCase());
  return Object.keys(values).length === 0 ? undefined : values;
}

async function readPayload(codecs: Codecs, member: Schema, request: WireRequest): Promise<unknown> {
  if (member.isStreaming()) return request.body;
  const bytes = await request.bytes();
  if (member.isBlobSchema()) return bytes;
  if (bytes.length === 0) return undefined;
  return member.isStringSchema() ? Buffer.from(bytes).toString() : codecs.xml.read(member, bytes);
}

async function read(service: Service, operation: Operation, request: WireRequest): Promise<object> {
  const { codecs } = service;
  const input: Record<string, unknown> = {};
  const labels = routeOf(service, request)?.labels ?? {};
  for (const [name, member] of membersOf(operation.input)) {
    const { httpLabel, httpPayload } = traitsOf(member);
    const label = httpLabel ? labels[name] : undefined;
    const value = httpPayload ? await readPayload(codecs, member, request) : readBound(codecs, member, request);
    if (label !== undefined) input[name] = codecs.string.read(member, label);
    else if (value !== undefined) input[name] = value;
  }
  const body = bodySchema(operation.input);
  const bytes = body ? await request.bytes() : undefined;
  return body && bytes && bytes.length > 0 ? Object.assign(input, codecs.xml.read(body, bytes)) : input;
}

function writeHeaders(codecs: Codecs, schema: Schema, value: Readonly<Record<string, unknown>>): Answer['headers'] {
  const headers: Record<string, string> = {};
  for (const [name, member] of membersOf(schema)) {
    const { httpHeader, httpPrefixHeaders } = traitsOf(member);
    const given = value[name];
    if (given === undefined || given === null) continue;
    if (httpHeader !== undefined) headers[httpHeader.toLowerCase()] = codecs.string.write(member, given);
    if (httpPrefixHeaders === undefined) continue;
    for (const [key, entry] of Object.entries(given)) headers[httpPrefixHeaders.toLowerCase() + key] = String(entry);
  }
  return headers;
}

function writePayload(service: Service, member: Schema, value: unknown): Answer['body'] {
  if (value instanceof Readable || value instanceof Uint8Array || typeof value === 'string') return value;
  return member.isStructSchema() ? xmlDocument(service, member, value as object) : undefined;
}

const requestIds = ({ signingName }: Service, requestId: string): Record<string, string> =>
  signingName === 's3'
    ? { 'x-amz-request-id': requestId, 'x-amz-id-2': `${requestId}=` }
    : { 'x-amzn-requestid': requestId };

function write(service: Service, { output, http }: Operation, value: object, requestId: string): Answer {
  const members = membersOf(output);
  const given = value as Readonly<Record<string, unknown>>;
  const headers = { ...requestIds(service, requestId), ...writeHeaders(service.codecs, output, given) };
  const code = members.find(([, member]) => traitsOf(member).httpResponseCode);
  // RFC 9110: an answer that says which range it holds is a partial one.
  const partial = headers['content-range'] !== undefined;
  const status = partial ? 206 : Number((code && given[code[0]]) ?? http?.[2] ?? 200);
  const payload = members.find(([, member]) => traitsOf(member).httpPayload);
  if (payload) {
    const [name, member] = payload;
    if (!member.isBlobSchema() && !member.isStringSchema()) headers['content-type'] ??= 'application/xml';
    return {
      status,
      headers,
      body: given[name] === undefined ? undefined : writePayload(service, member, given[name]),
    };
  }
  const body = bodySchema(output);
  return body
    ? { status, headers: { 'content-type': 'application/xml', ...headers }, body: xmlDocument(service, body, given) }
    : { status, headers };
}

function writeError(service: Service, error: WireError, requestId: string): Answer {
  const isS3 = service.signingName === 's3';
  const body = structure('Error', [
    ...(isS3 ? [] : ([['Type', text]] as const)),
    ['Code', text],
    ['Message', text],
    ...errorMembers(error, ['type', 'code', 'message']),
    ...(isS3 ? ([['RequestId', text]] as const) : []),
  ]);
  const Error = {
    ...error.members,
    Type: faultOf(error),
    Code: error.code,
    Message: error.message,
    RequestId: requestId,
  };
  const envelope = structure('ErrorResponse', [
    ['Error', body],
    ['RequestId', text],
  ]);
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...requestIds(service, requestId) },
    body: isS3 ? xmlDocument(service, body, Error) : xmlDocument(service, envelope, { Error, RequestId: requestId }),
  };
}

export const restXml: Protocol = {
  operationOf: (service, request) => routeOf(service, request)?.operation.name,
  read,
  write,
  writeError,
};
