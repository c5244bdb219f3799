/** A CloudEvent as an SQS message, and back: size, characters, group and deduplication. Pure. */
import type { CloudEvent } from './story.ts';
import type { QueueMessage } from './queue.ts';

/** SQS's limit is 256 KiB for body and attributes together. */
const LIMIT_BYTES = 256 * 1024 - 1024;

/** What an event always has; the rest is left out when it would not fit, and `data.truncated` says so. */
const CORE = ['runId', 'seq', 'hash', 'prevHash', 'drill', 'environment', 'phase', 'outcome', 'step', 'part'] as const;

export function messageOf(event: CloudEvent): QueueMessage {
  const { runId, seq } = event.data;
  return { body: bodyOf(event), groupId: runId, deduplicationId: `${runId}:${seq}` };
}

function bodyOf(event: CloudEvent): string {
  const body = textOf(event);
  if (Buffer.byteLength(body) <= LIMIT_BYTES) return body;
  const core = Object.fromEntries(CORE.map((name) => [name, event.data[name]]));
  return textOf({ ...event, data: { ...core, truncated: true } });
}

/** SQS refuses U+FFFE and U+FFFF; JSON.stringify itself escapes the other characters that it refuses. */
const textOf = (value: object): string =>
  JSON.stringify(value).replace(/[\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

/** The event in a message body; undefined when the message is something else. */
export function eventIn(body: string): CloudEvent | undefined {
  try {
    const event = JSON.parse(body) as Partial<CloudEvent> | null;
    const ours = event?.specversion === '1.0' && event.type?.startsWith('firedrill.');
    return ours && typeof event.data?.runId === 'string' && Number.isInteger(event.data.seq)
      ? (event as CloudEvent)
      : undefined;
  } catch {
    return undefined; // Not JSON: somebody else's message.
  }
}
