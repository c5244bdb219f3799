/** Where the steps of a drill take place, known from its definition alone. Pure. */
import type { Standing } from '../actions/made-target.ts';
import { standingIn } from '../actions/made-target.ts';
import type { ActionSpec } from '../domain/catalogue.ts';
import type { Drill } from '../domain/drill.ts';
import { metaOf } from '../domain/fields.ts';

/** By a step's id: the location that it is given, else the place of the target that it is given first. */
export function standingsOf(
  { locations, targets, steps }: Drill,
  specOf: (uses: string) => ActionSpec,
): (id: string) => Standing | undefined {
  const all = Object.values(steps).flat(2);
  const standing = (name: string): Standing => standingIn(locations[name]!);
  return function standingOf(id: string): Standing | undefined {
    const step = all.find((each) => each.id === id);
    if (!step) return undefined;
    const spec = specOf(step.uses);
    if (spec.effect === 'undo') return undefined;
    const given = (kind: string) =>
      Object.entries(spec.params.shape).flatMap(([key, field]) =>
        metaOf(field as never)?.kind === kind ? [step.with[key]] : [],
      );
    const [named] = given('location');
    if (typeof named === 'string') return standing(named);
    for (const ref of given('target')) {
      if (typeof ref !== 'string') continue;
      const maker = /^\$\(steps\.([\w-]+)\.outputs\./.exec(ref)?.[1];
      const target = targets[ref];
      const found = maker === undefined ? target && standing(target.location) : standingOf(maker);
      if (found) return found;
    }
    return undefined;
  };
}
