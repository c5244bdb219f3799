/**
 * awsQuery and ec2Query: a form of dotted keys in, XML out. The form is the one thing for which no SDK class exists in reverse:
 * keys are split into a tree, which is then read along the input's schema.
 */
import type { Protocol, WireError, WireRequest } from '../protocol.ts';
import type { Operation, Service } from '../service.ts';
import { membersOf, structure, text, traitsOf, type Codecs, type Schema } from '../smithy.ts';
import { errorMembers, faultOf } from './errors.ts';
import { xmlDocument } from './xml.ts';

/** One key of the form: `Filter.1.Value` stands three nodes deep. */
interface Node {
  value?: string;
  children: Map<string, Node>;
}

/** What ec2Query does differently: names of its own, lists always flat. */
type Dialect = 'aws' | 'ec2';

/** How deep keys may nest; the deepest input of the served clients needs fewer than half. */
const maxDepth = 40;

async function formOf(request: WireRequest): Promise<URLSearchParams> {
  const form = new URLSearchParams(Buffer.from(await request.bytes()).toString());
  for (const [key, value] of request.query) form.append(key, value);
  return form;
}

function treeOf(form: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    let node = root;
    for (const part of key.split('.', maxDepth)) {
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = { children: new Map() }));
      node = child;
    }
    node.value = value;
  }
  return root;
}

const capitalise = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function keyOf(name: string, member: Schema, dialect: Dialect): string {
  const { ec2QueryName, xmlName } = traitsOf(member);
  return dialect === 'ec2' ? (ec2QueryName ?? capitalise(xmlName ?? name)) : (xmlName ?? name);
}

/** Children with numbers for names, in their order. */
const numbered = (node: Node | undefined): Node[] =>
  [...(node?.children ?? [])]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);

function readNode(codecs: Codecs, schema: Schema, node: Node, dialect: Dialect): unknown {
  if (schema.isUnitSchema()) return {};
  if (schema.isStructSchema()) {
    const read: [string, unknown][] = [];
    for (const [name, member] of membersOf(schema)) {
      const child = node.children.get(keyOf(name, member, dialect));
      if (child) read.push([name, readNode(codecs, member, child, dialect)]);
    }
    return Object.fromEntries(read);
  }
  const flat = dialect === 'ec2' || traitsOf(schema).xmlFlattened === 1;
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const list = flat ? node : node.children.get(traitsOf(item).xmlName ?? 'member');
    return numbered(list).map((child) => readNode(codecs, item, child, dialect));
  }
  if (schema.isMapSchema()) {
    const [keySchema, valueSchema] = [schema.getKeySchema(), schema.getValueSchema()];
    const entries = numbered(flat ? node : node.children.get('entry')).map((entry): [string, unknown] => {
      const key = entry.children.get(traitsOf(keySchema).xmlName ?? 'key')?.value ?? '';
      const value = entry.children.get(traitsOf(valueSchema).xmlName ?? 'value') ?? { children: new Map() };
      return [key, readNode(codecs, valueSchema, value, dialect)];
    });
    return Object.fromEntries(entries);
  }
  return codecs.string.read(schema, node.value ?? '');
}

const xmlHeaders = (requestId: string): Record<string, string> => ({
  'content-type': 'text/xml;charset=UTF-8',
  'x-amzn-requestid': requestId,
});

const metadata = structure('ResponseMetadata', [['RequestId', text]]);

/** `<XResponse><XResult>output</XResult><ResponseMetadata/></XResponse>` */
function writeAws(service: Service, { name, output }: Operation, value: object, requestId: string): string {
  const envelope = structure(`${name}Response`, [
    ...(output.isStructSchema() ? ([[`${name}Result`, output]] as const) : []),
    ['ResponseMetadata', metadata],
  ]);
  return xmlDocument(service, envelope, { [`${name}Result`]: value, ResponseMetadata: { RequestId: requestId } });
}

/** `<XResponse><requestId/>output</XResponse>` */
function writeEc2(service: Service, { name, output }: Operation, value: object, requestId: string): string {
  const envelope = structure(`${name}Response`, [['requestId', text], ...membersOf(output)]);
  return xmlDocument(service, envelope, { ...value, requestId });
}

function writeAwsError(service: Service, error: WireError, requestId: string): string {
  const body = structure('Error', [
    ['Type', text],
    ['Code', text],
    ['Message', text],
    ...errorMembers(error, ['type', 'code', 'message']),
  ]);
  const envelope = structure('ErrorResponse', [
    ['Error', body],
    ['RequestId', text],
  ]);
  const Code = error.shape?.code ?? error.code;
  const Error = { ...error.members, Type: faultOf(error), Code, Message: error.message };
  return xmlDocument(service, envelope, { Error, RequestId: requestId });
}

function writeEc2Error(service: Service, error: WireError, requestId: string): string {
  const body = structure('Error', [
    ['Code', text],
    ['Message', text],
  ]);
  const envelope = structure('Response', [
    ['Errors', structure('Errors', [['Error', body]])],
    ['RequestID', text],
  ]);
  const Errors = { Error: { Code: error.code, Message: error.message } };
  return xmlDocument(service, envelope, { Errors, RequestID: requestId });
}

const protocolFor = (dialect: Dialect): Protocol => ({
  async operationOf(_service, request) {
    return (await formOf(request)).get('Action') ?? undefined;
  },

  async read({ codecs }, { input }, request) {
    return readNode(codecs, input, treeOf(await formOf(request)), dialect);
  },

  write: (service, operation, value, requestId) => ({
    status: 200,
    headers: xmlHeaders(requestId),
    body: (dialect === 'ec2' ? writeEc2 : writeAws)(service, operation, value, requestId),
  }),

  writeError: (service, error, requestId) => ({
    status: error.status,
    headers: xmlHeaders(requestId),
    body: (dialect === 'ec2' ? writeEc2Error : writeAwsError)(service, error, requestId),
  }),
});

export const query = protocolFor('aws');
export const ec2Query = protocolFor('ec2');
