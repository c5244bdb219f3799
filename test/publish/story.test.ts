import { describe, expect, it } from 'vitest';
import type { EventBody, LogEntry } from '../../src/domain/event.ts';
import { eventIn, messageOf } from '../../src/publish/message.ts';
import { Story } from '../../src/publish/story.ts';
import { logOf, plan } from './logs.ts';

const tellAll = (bodies: readonly EventBody[]) => {
  const story = new Story();
  return logOf('r1', bodies).map((entry) => story.tell(entry));
};

const subjectOf = (body: EventBody): string => ('step' in body ? `r1/${body.step}` : 'r1');

const typesOf = (bodies: readonly EventBody[]) => tellAll(bodies).map(({ type }) => type.replace('firedrill.', ''));

const started: EventBody = { type: 'run.started', plan, startedBy: 'ada', toolVersion: '1' };
const part = (name: string) => ({ step: 'lose', part: name });
const begun = (name: string): EventBody => ({
  type: 'step.begun',
  ...part(name),
  key: 'secret-key',
  before: 'captured',
  after: 'captured too',
  identity: { name: 'captured three' },
  touches: 'acl-1',
});

/** One of every kind, as runs write them. */
const everything: EventBody[] = [
  started,
  { type: 'run.claimed', owner: 'node-a', attempt: 1 },
  { type: 'phase.started', phase: 'inject' },
  { type: 'step.skipped', step: 'close', why: 'nothing there' },
  begun('acl'),
  { type: 'step.applied', ...part('acl'), found: 'captured', arn: 'arn:acl' },
  { type: 'step.settled', ...part('acl'), outputs: { secret: 'captured' }, awsCalls: 2 },
  begun('subnet'),
  { type: 'step.failed', ...part('subnet'), error: { code: 'c', message: 'm' }, awsCalls: 1 },
  { type: 'step.succeeded', step: 'lose', outputs: { secret: 'captured' } },
  {
    type: 'step.begun',
    step: 'go',
    part: 'ask',
    key: 'k',
    touches: '',
    asks: { question: 'Fail over?', fourEyes: true },
  },
  { type: 'approval.given', step: 'go', by: 'ada', automatic: false },
  { type: 'approval.given', step: 'go', by: 'bob', automatic: false, refused: true },
  { type: 'probe.changed', probe: 'read', state: 'bad', sinceNs: '1', clockId: 'b', why: 'refused' },
  { type: 'run.turned', turn: { kind: 'aborted', message: 'enough', by: 'ada' } },
  { type: 'step.undoing', ...part('subnet') },
  { type: 'step.undone', ...part('subnet') },
  { type: 'step.undoing', ...part('acl') },
  { type: 'step.undo-failed', ...part('acl'), error: { code: 'c', message: 'm' } },
  { type: 'step.undone', ...part('acl') },
  { type: 'run.closing' },
  { type: 'samples.sealed', chunks: 3, hash: 'h' },
  {
    type: 'run.finished',
    judgement: {
      verdict: 'aborted',
      undo: 'complete',
      recoveryLabel: 'aided',
      exitCode: 4,
      reasons: ['enough'],
      recovery: { declared: {}, phases: [] },
      probes: [],
    },
  },
  { type: 'undo.retried', by: 'grace', owner: 'node-b' },
  { type: 'step.undoing', ...part('acl') },
  { type: 'step.undone', ...part('acl') },
  { type: 'undo.ended', undo: 'complete', left: [] },
];

describe('the story of a run', () => {
  it('says that what was left is gone with its lab', () => {
    const gone: EventBody = { type: 'undo.ended', undo: 'incomplete', left: [], gone: true };
    expect(tellAll([...everything, gone]).at(-1)!.data).toMatchObject({ outcome: 'incomplete', left: [], gone: true });
  });

  it('has one event for every entry of the log', () => {
    expect(typesOf(everything)).toEqual([
      'run.started',
      'run.claimed',
      'phase.started',
      'step.skipped',
      'step.started',
      'part.applied',
      'part.settled',
      'part.started',
      'step.failed',
      'step.succeeded',
      'approval.requested',
      'approval.given',
      'approval.refused',
      'probe.changed',
      'run.turned',
      'step.undoing',
      'part.undone',
      'part.undoing',
      'step.undo-failed',
      'step.undone',
      'run.closing',
      'samples.sealed',
      'run.finished',
      'undo.retried',
      'step.undoing',
      'step.undone',
      'undo.ended',
    ]);
  });

  it('says where each event stands, in CloudEvents 1.0', () => {
    const events = tellAll(everything);
    const entries = logOf('r1', everything);
    for (const [n, { data, ...event }] of events.entries()) {
      expect(event).toMatchObject({
        specversion: '1.0',
        id: `r1:${n + 1}`,
        source: '/firedrill/regional%20failover',
        subject: subjectOf(everything[n]!),
        time: entries[n]!.event.mark.at,
        datacontenttype: 'application/json',
      });
      const { hash, prev } = entries[n]!;
      expect(data).toMatchObject({ runId: 'r1', seq: n + 1, hash, prevHash: prev, drill: 'regional failover' });
      expect(data.outcome).not.toBe('');
    }
    expect(events.find(({ type }) => type.endsWith('step.started'))!.data.phase).toBe('inject');
    expect(events.find(({ type }) => type.endsWith('run.finished'))!.data.outcome).toBe('aborted');
  });

  it('tells what a check found', () => {
    const check = { holds: false, said: 'orders has no row.' };
    const [, , told] = tellAll([started, begun('rows'), { type: 'step.settled', ...part('rows'), awsCalls: 0, check }]);
    expect(told!.data).toMatchObject({ part: 'rows', check });
  });

  it('keeps captured state, outputs, keys and the plan itself to the log', () => {
    const told = JSON.stringify(tellAll(everything));
    for (const kept of ['captured', 'secret', 'arn:db', 'env:LOGIN']) {
      expect(JSON.stringify(everything)).toContain(kept);
      expect(told).not.toContain(kept);
    }
  });

  it('can only be told from the start', () => {
    const [first, second] = logOf('r1', everything) as [LogEntry, LogEntry];
    expect(() => new Story().tell(second)).toThrow('told after 0');
    const story = new Story();
    story.tell(first);
    expect(() => story.tell(first)).toThrow('told after 1');
  });
});

describe('a message', () => {
  it('is grouped by run and deduplicated by run and number, and gives the event back', () => {
    const [event] = tellAll(everything);
    const message = messageOf(event!);
    expect(message).toMatchObject({ groupId: 'r1', deduplicationId: 'r1:1' });
    expect(eventIn(message.body)).toEqual(JSON.parse(JSON.stringify(event)));
  });

  it('fits into SQS whatever the event says, and says when something was left out', () => {
    const turned: EventBody = { type: 'run.turned', turn: { kind: 'failed', message: '🔥'.repeat(100_000) } };
    const event = tellAll([started, turned])[1]!;
    const { body } = messageOf(event);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(256 * 1024);
    expect(eventIn(body)!.data).toMatchObject({ runId: 'r1', seq: 2, hash: event.data.hash, truncated: true });
  });

  it('holds no character that SQS refuses', () => {
    const message = '\u0000\u0008\u000b\ufffe\uffff\ud800 ok';
    const event = tellAll([started, { type: 'run.turned', turn: { kind: 'failed', message } }])[1]!;
    const { body } = messageOf(event);
    // eslint-disable-next-line no-control-regex -- the very characters that SQS refuses
    expect(body).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/u);
    expect(eventIn(body)!.data['why']).toBe(message);
  });

  it('of somebody else is told apart', () => {
    const others = [
      '',
      'null',
      '[]',
      '"text"',
      '{}',
      '{"specversion":"1.0","type":"other","data":{"runId":"a","seq":1}}',
    ];
    for (const body of others) expect(eventIn(body)).toBeUndefined();
  });
});
