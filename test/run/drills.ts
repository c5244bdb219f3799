/** The drills on which every crash point is tried: one that undoes everything, one that passes a pivot and fails back. */
import { planOf } from './estate.ts';

export const initial = { net: 'open', web: 'on', dns: 'active', replica: 'replica', old: 'serving' };

export const sorted = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).sort());

/** All three shapes, a parallel group, a step of several parts; no pivot. */
export const undoing = () =>
  planOf({
    inject: [
      [
        { id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } },
        { id: 'web', uses: 'make-and-set', with: { key: 'web', to: 'off' } },
      ],
    ],
    detect: [{ id: 'alarm', uses: 'look', with: { polls: '2' } }],
    recover: [{ id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' } }],
    verify: [{ id: 'check', uses: 'look' }],
  });

/** Fault, fence, promotion, flip; heal, rebuild, flip back. */
export const failingOver = () =>
  planOf({
    inject: [
      [
        { id: 'net', uses: 'set', with: { key: 'net', to: 'cut' } },
        { id: 'web', uses: 'set', with: { key: 'web', to: 'off' } },
      ],
    ],
    recover: [
      { id: 'fence', uses: 'set', with: { key: 'old', to: 'fenced' }, stays: true, fences: 'old' },
      { id: 'promote', uses: 'promote', with: { key: 'replica' }, pivot: 'replica' },
      { id: 'flip', uses: 'set', with: { key: 'dns', to: 'passive' } },
    ],
    failback: [
      { id: 'heal', uses: 'undo', undoes: 'net' },
      { id: 'power', uses: 'undo', undoes: 'web' },
      { id: 'rebuild', uses: 'make', stays: true },
      { id: 'flip-back', uses: 'undo', undoes: 'flip' },
    ],
  });

/** What each drill leaves when it ends well, before and after the point of no return. */
export const endings = {
  undone: sorted(initial),
  rolledForward: { ...sorted(initial), 'made rebuild': 'yes', old: 'fenced', replica: 'primary' },
};
