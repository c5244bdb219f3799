/**
 * The only door to the SDK's own schemas and serialisers, which the lab runs in reverse: what a client uses to write requests
 * and read answers reads requests and writes answers here. They are exported but not promised, so nothing else imports them.
 */
import { CborCodec } from '@smithy/core/cbor';
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { JsonCodec2, XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';

export type Schema = NormalizedSchema;
export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

/** A structure as clients carry it: `[3, namespace, name, traits, member names, member schemas, count of required members]`. */
export type StaticStructure = [3 | -3, string, string, Traits, string[], unknown[], number?];
/** An operation: `[9, namespace, name, traits, input, output]`. */
export type StaticOperation = [9, string, string, Traits, () => StaticStructure, () => StaticStructure];

/** The traits that the wire layer reads; a number stands for flags that it learns from `NormalizedSchema`. */
export interface TraitMap {
  http?: [method: string, uri: string, status: number];
  xmlName?: string;
  xmlFlattened?: 1;
  xmlNamespace?: [prefix: string, uri: string];
  ec2QueryName?: string;
  httpHeader?: string;
  httpQuery?: string;
  httpPrefixHeaders?: string;
  httpPayload?: 1;
  httpLabel?: 1;
  httpResponseCode?: 1;
  awsQueryError?: [code: string, status: number];
  error?: 'client' | 'server';
  httpError?: number;
}
type Traits = TraitMap | number;

export const schemaOf = (ref: SchemaRef): Schema => NormalizedSchema.of(ref);

/** Traits of a shape and of the member that holds it, the member's winning. */
export const traitsOf = (schema: Schema): TraitMap => schema.getMergedTraits();

export const membersOf = (schema: Schema): [name: string, member: Schema][] =>
  schema.isStructSchema() ? [...schema.structIterator()] : [];

/** Names of the members that a request can't lack. */
export function requiredMembers(schema: Schema): string[] {
  const [, , , , names, , required = 0] = schema.getSchema() as unknown as StaticStructure;
  return schema.isStructSchema() ? names.slice(0, required) : [];
}

/** A structure that no client knows: an envelope, or a part of one that it does. Members are schemas, with own traits or without. */
export const structure = (name: string, members: readonly (readonly [string, unknown])[], traits: Traits = 0): Schema =>
  NormalizedSchema.of([
    3,
    'lab.wire',
    name,
    traits,
    members.map(([member]) => member),
    members.map(([, schema]) => (isShape(schema) ? schema.getSchema() : schema)),
  ] as unknown as SchemaRef);

/** A shape of its own, in contrast to a member: only its raw form takes up the name that a structure gives it. */
const isShape = (schema: unknown): schema is Schema => schema instanceof NormalizedSchema && !schema.isMemberSchema();

/** Schema of plain text. */
export const text = 0;

const isSchema = (value: unknown): value is unknown[] => Array.isArray(value) && typeof value[0] === 'number';
export const isOperation = (value: unknown): value is StaticOperation => isSchema(value) && value[0] === 9;
export const isError = (value: unknown): value is StaticStructure => isSchema(value) && value[0] === -3;

export interface Codecs {
  xml: { read(schema: Schema, bytes: Uint8Array): unknown; write(schema: Schema, value: unknown): string | Uint8Array };
  json: {
    read(schema: Schema, bytes: Uint8Array): Promise<unknown>;
    write(schema: Schema, value: unknown): Uint8Array;
  };
  cbor: { read(schema: Schema, bytes: Uint8Array): unknown; write(schema: Schema, value: unknown): Uint8Array };
  /** Single values in queries, headers and paths. */
  string: { read(schema: Schema, value: string): unknown; write(schema: Schema, value: unknown): string };
}

/** Serialisers as a client of this service sets them up. They keep state between write and flush only, so one set serves all. */
export function codecsFor(xmlNamespace: string, serviceNamespace: string, httpBindings: boolean): Codecs {
  const iso = { useTrait: true, default: 5 as const };
  const xmlSettings = { timestampFormat: iso, httpBindings, xmlNamespace, serviceNamespace };
  const xmlOut = new XmlShapeSerializer(xmlSettings);
  const xmlIn = new XmlShapeDeserializer(xmlSettings);
  const json = new JsonCodec2({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });
  const [jsonIn, jsonOut] = [json.createDeserializer(), json.createSerializer()];
  const cbor = new CborCodec();
  const [cborIn, cborOut] = [cbor.createDeserializer(), cbor.createSerializer()];
  const stringIn = new FromStringShapeDeserializer({ timestampFormat: iso, httpBindings });
  const stringOut = new ToStringShapeSerializer({ timestampFormat: iso, httpBindings });
  return {
    xml: {
      read: (schema, bytes) => xmlIn.read(schema, bytes) as unknown,
      write(schema, value) {
        xmlOut.write(schema, value);
        return xmlOut.flush();
      },
    },
    json: {
      // Typed for text only; it reads bytes as they come.
      read: (schema, bytes) => jsonIn.read(schema, bytes as unknown as string) as Promise<unknown>,
      write(schema, value) {
        jsonOut.write(schema, value);
        return Uint8Array.from(jsonOut.flush());
      },
    },
    cbor: {
      read: (schema, bytes) => cborIn.read(schema, bytes) as unknown,
      write(schema, value) {
        cborOut.write(schema, value);
        return Uint8Array.from(cborOut.flush());
      },
    },
    string: {
      read: (schema, value) => stringIn.read(schema, value) as unknown,
      write(schema, value) {
        stringOut.write(schema, value);
        return stringOut.flush();
      },
    },
  };
}
