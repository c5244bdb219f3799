/** XML answers: envelopes as synthetic schemas around the operation's output, written by the SDK's own serialiser. */
import type { Service } from '../service.ts';
import type { Schema } from '../smithy.ts';

/** `document` written as an XML document whose root has the schema's name. */
export const xmlDocument = ({ codecs }: Service, schema: Schema, document: object): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${String(codecs.xml.write(schema, document))}`;
