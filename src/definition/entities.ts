/** What the sections `locations`, `targets` and `probes` have in common: named entries, from the drill and from its estate. */
import type { Report } from './diagnostic.ts';
import type { Range } from './source.ts';
import { entryOf, isBroken } from './tree.ts';
import type { Node } from './tree.ts';
import { namePattern } from './values.ts';
import type { Part } from './values.ts';

export interface Named {
  name: string;
  /** Where its name stands. */
  at: Range;
  node: Node;
  fromEstate: boolean;
}

/** All entries of a section by name, the estate's first. One that the estate has already is refused. */
export function entitiesOf(
  parts: readonly Part[],
  section: 'locations' | 'targets' | 'probes',
  report: Report,
): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const { root, isEstate } of [...parts].sort((a, b) => Number(b.isEstate) - Number(a.isEstate))) {
    const entry = entryOf(root, section);
    if (!entry || isBroken(entry.value)) continue;
    if (entry.value.kind === 'empty') report.add('no-value', entry.keyAt, `'${section}' has no value`);
    else if (entry.value.kind !== 'map') {
      report.add('wrong-shape', entry.value.at, `'${section}' takes a map of names, not a ${entry.value.kind}`);
    } else {
      for (const { key, keyAt, value } of entry.value.entries) {
        const one = section.slice(0, -1);
        if (key.includes('$(')) report.add('computed-name', keyAt, "names can't be computed: write the name itself");
        else if (!namePattern.test(key)) {
          report.add('bad-name', keyAt, `'${key}' is no name: letters, digits, - and _, beginning with a letter`);
        } else if (found.has(key)) report.add('in-estate-too', keyAt, `${one} '${key}' is in the estate too: keep one`);
        else found.set(key, { name: key, at: keyAt, node: value, fromEstate: isEstate });
      }
    }
  }
  return found;
}
