/** awsJson1_0 and 1_1: the operation in a header, JSON both ways. */
import type { Protocol } from '../protocol.ts';
import { queryErrorHeader, typedError } from './errors.ts';

const contentType = 'application/x-amz-json-1.0';

export const json: Protocol = {
  operationOf(_service, { headers }) {
    const target = String(headers['x-amz-target']);
    return target.slice(target.lastIndexOf('.') + 1);
  },

  async read({ codecs }, { input }, request) {
    const bytes = await request.bytes();
    return bytes.length === 0 ? {} : codecs.json.read(input, bytes);
  },

  write: ({ codecs }, { output }, value, requestId) => ({
    status: 200,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
    body: codecs.json.write(output, value),
  }),

  writeError: (service, error, requestId) => ({
    status: error.status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...queryErrorHeader(service, error) },
    body: service.codecs.json.write(...typedError(service, error)),
  }),
};
