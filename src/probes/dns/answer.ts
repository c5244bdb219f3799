/** `dns/answer`: does a name resolve, and to what it should? Shows when a changed record reaches clients. */
import { z } from 'zod';
import type { ProbeSpec } from '../../domain/catalogue.ts';
import { choice, text } from '../../domain/fields.ts';
import { whyOf } from '../failure.ts';
import type { LiveProbe, ProbeContext, ProbeKind } from '../probe.ts';
import { bad, good } from '../probe.ts';

const params = z.strictObject({
  name: text('the name to resolve'),
  type: choice(['A', 'AAAA', 'CNAME', 'TXT'], 'the record type; default A').optional(),
  answer: text('an address or target that the answer must contain; default: any answer').optional(),
});

export const spec = {
  name: 'dns/answer',
  describes: 'Resolves a name and compares the answer',
  params,
} satisfies ProbeSpec<typeof params>;

function open({ probe, resolver }: ProbeContext): LiveProbe {
  const { name, type = 'A', answer } = params.parse(probe.with);
  return {
    async ask(_n, signal) {
      try {
        const values = (await resolver.resolve(name, type, signal)).map(plain).sort();
        const found = values.join(' ');
        return answer === undefined || values.includes(plain(answer)) ? good(found) : bad('wrong answer', found);
      } catch (error) {
        return bad(whyOf(error, signal));
      }
    },
    close() {},
  };
}

/** Names differ neither by case nor by the final dot. */
const plain = (value: string): string => value.toLowerCase().replace(/\.$/, '');

export const dnsAnswer: ProbeKind<typeof params> = { spec, open };
