/** What a plan can tell of a snapshot before anything is made of it: which one it is, how old, and whether it can be used at all. */
import type { Finding, ResolvedTarget } from '../../domain/plan.ts';
import { durationText, momentText } from '../../domain/time-text.ts';
import type { ActionInput } from '../action.ts';
import { textOf } from '../places.ts';
import { notAvailable } from './snapshots.ts';

/** Nothing when a step is still to make it. */
export function snapshotFindings({ clock, rpoMs }: ActionInput, { items, region }: ResolvedTarget): Finding[] {
  const [item] = items;
  if (!item) return [];
  const { status, createdAt, source } = item.facts;
  if (status !== 'available') {
    const { message, remedy } = notAvailable(item.id, region, textOf(status) || 'of unknown status');
    return [{ severity: 'refuse', code: 'snapshot-not-available', message, remedy }];
  }
  const ageMs = clock.wall().getTime() - Date.parse(textOf(createdAt));
  if (Number.isNaN(ageMs)) return [];
  const taken = `${item.id} of ${textOf(source)} was taken at ${momentText(textOf(createdAt))}, ${durationText(Math.max(0, ageMs), 'up')} ago`;
  if (rpoMs === undefined || ageMs <= rpoMs) return [{ severity: 'note', code: 'snapshot-found', message: taken }];
  return [
    {
      severity: 'warn',
      code: 'snapshot-stale',
      message: `${taken}: older than the RPO of ${durationText(rpoMs)} that the drill promises, so it will fail`,
      remedy: 'Find out why there is no newer one.',
    },
  ];
}
