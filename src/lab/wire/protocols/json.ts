/** awsJson1_0 and 1_1: the operation in a header, JSON both ways. */
import type { Protocol } from '../protocol.ts';
import type { Service } from '../service.ts';
import { queryErrorHeader, typedError } from './errors.ts';

const headersOf = ({ protocol }: Service, requestId: string): Record<string, string> => ({
  'content-type': `application/x-amz-json-${protocol.endsWith('#awsJson1_1') ? '1.1' : '1.0'}`,
  'x-amzn-requestid': requestId,
});

export const json: Protocol = {
  operationOf(_service, { headers }) {
    const target = String(headers['x-amz-target']);
    return target.slice(target.lastIndexOf('.') + 1);
  },

  async read({ codecs }, { input }, request) {
    const bytes = await request.bytes();
    return bytes.length === 0 ? {} : codecs.json.read(input, bytes);
  },

  write: (service, { output }, value, requestId) => ({
    status: 200,
    headers: headersOf(service, requestId),
    body: service.codecs.json.write(output, value),
  }),

  writeError: (service, error, requestId) => ({
    status: error.status,
    headers: { ...headersOf(service, requestId), ...queryErrorHeader(service, error) },
    body: service.codecs.json.write(...typedError(service, error)),
  }),
};
