/** Smithy RPC v2 in CBOR: the operation in the path, CBOR both ways. Newer CloudWatch clients speak it. */
import type { Protocol } from '../protocol.ts';
import { queryErrorHeader, typedError } from './errors.ts';

const headersFor = (requestId: string): Record<string, string> => ({
  'content-type': 'application/cbor',
  'smithy-protocol': 'rpc-v2-cbor',
  'x-amzn-requestid': requestId,
});

export const cbor: Protocol = {
  operationOf: (_service, { path }) => /\/service\/[^/]+\/operation\/([^/]+)$/.exec(path)?.[1],

  async read({ codecs }, { input }, request) {
    const bytes = await request.bytes();
    return bytes.length === 0 ? {} : codecs.cbor.read(input, bytes);
  },

  write: ({ codecs }, { output }, value, requestId) => ({
    status: 200,
    headers: headersFor(requestId),
    body: codecs.cbor.write(output, value),
  }),

  writeError: (service, error, requestId) => ({
    status: error.status,
    headers: { ...headersFor(requestId), ...queryErrorHeader(service, error) },
    body: service.codecs.cbor.write(...typedError(service, error)),
  }),
};
