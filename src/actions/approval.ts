/** `approval`: asks people. The time that they take is measured; where nobody is asked, it is declared instead. */
import { z } from 'zod';
import type { ActionSpec } from '../domain/catalogue.ts';
import { FiredrillError } from '../domain/errors.ts';
import { flag, text } from '../domain/fields.ts';
import type { Progress } from '../domain/part.ts';
import { differentPeople, samePerson } from '../domain/people.ts';
import type { ActionInput, Approval } from './action.ts';
import { defineAction } from './action.ts';

const params = z.strictObject({
  ask: text('the question to people'),
  fourEyes: flag('two different people must approve, and neither may have started the run; default false').optional(),
});

export const spec = {
  name: 'approval',
  describes: 'Asks people and waits for their answer',
  params,
  effect: 'observes',
  outputs: { by: { describes: 'who approved' } },
  timeoutMs: 3_600_000,
  asks: true,
  phases: ['baseline', 'decide'],
} satisfies ActionSpec<typeof params>;

export const approval = defineAction<typeof params>({
  spec,
  parts(input) {
    const { ask: question, fourEyes = false } = input.params;
    return [
      {
        shape: 'observe',
        name: 'answer',
        touches: question,
        pollMs: input.pollMs,
        asks: { question, fourEyes },
        poll: async () => judge(input, fourEyes),
      },
    ];
  },
});

function judge(input: ActionInput, fourEyes: boolean): Progress {
  const answers = input.approvals();
  const refusal = answers.find((answer) => answer.refused);
  if (refusal) throw refused(refusal);
  const yes = answers.filter((answer) => answer.automatic || !fourEyes || !samePerson(answer.by, input.startedBy));
  const people = differentPeople(yes.map((answer) => answer.by));
  const enough = yes.some((answer) => answer.automatic) || people.length >= (fourEyes ? 2 : 1);
  if (enough) return { done: true, outputs: { by: people.join(', ') } };
  if (!fourEyes) return { done: false, saw: 'nobody has answered' };
  const own = answers.length > yes.length ? ' (who started the run does not count)' : '';
  return { done: false, saw: `${people.length} of 2 have approved${own}` };
}

const refused = ({ by }: Approval): FiredrillError =>
  new FiredrillError('approval-refused', `${by} refused`, {
    expected: 'approval',
    found: `refusal by ${by}`,
    remedy: 'Talk to them; then start a new run.',
  });
