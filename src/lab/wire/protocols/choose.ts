/** Which protocol a request speaks. Decided per request: clients of one service differ by age. */
import type { Protocol, WireRequest } from '../protocol.ts';
import type { Service } from '../service.ts';
import { cbor } from './cbor.ts';
import { json } from './json.ts';
import { ec2Query, query } from './query.ts';
import { restXml } from './rest-xml.ts';

export function protocolOf(service: Service, request: WireRequest): Protocol {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return cbor;
  if (request.headers['x-amz-target'] !== undefined) return json;
  if (service.protocol === 'aws.protocols#restXml') return restXml;
  return service.protocol === 'aws.protocols#ec2Query' ? ec2Query : query;
}
