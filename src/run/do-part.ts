/**
 * How each of the three shapes of part is done, from any state the log may show: the same code whether the step is new, is
 * carried on after a crash, or was taken over. Intent stands in the log before the effect.
 */
import { FiredrillError } from '../domain/errors.ts';
import type { ChangePart, CreatePart, ObservePart, Part, Progress } from '../domain/part.ts';
import type { StepContext } from './context.ts';
import { createOnce, writeChange } from './effects.ts';

/** Carries one part forward until it is settled. Throws what stopped it; the caller records the failure. */
export async function doPart(context: StepContext, part: Part): Promise<void> {
  switch (part.shape) {
    case 'change':
      return doChange(context, part);
    case 'create':
      return doCreate(context, part);
    case 'observe':
      return doObserve(context, part);
  }
}

async function doChange(context: StepContext, part: ChangePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  let run = context.part(part.name);
  let fresh = false;
  if (!run) {
    const before = await part.read(attempt);
    const { name, touches, pivot, keeps } = part;
    await context.append({
      type: 'step.begun',
      step: context.step.id,
      part: name,
      key: attempt.key,
      before,
      after: part.desired(before),
      touches,
      pivot,
      fate: keeps === undefined ? undefined : 'kept',
    });
    run = context.part(name)!;
    fresh = true;
  }
  if (run.state === 'begun') {
    const { before = null, after = null } = run;
    await writeChange(context, part, { to: after, from: before, attempt, known: fresh ? before : undefined });
    await context.append({ type: 'step.applied', step: context.step.id, part: part.name, arn: part.keeps });
    run = context.part(part.name)!;
  }
  if (run.state === 'applied') {
    const { after = null } = run;
    await settle(context, part, () => part.settled(after, attempt));
  }
}

async function doCreate(context: StepContext, part: CreatePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  let run = context.part(part.name);
  const fresh = !run;
  if (!run) {
    if ((await part.find(attempt)) !== undefined) throw thereAlready(part);
    const { name, touches, identity, adopted } = part;
    await context.append({
      type: 'step.begun',
      step: context.step.id,
      part: name,
      key: attempt.key,
      identity,
      touches,
      fate: adopted ? 'adopted' : 'kept',
    });
    run = context.part(name)!;
  }
  if (run.state === 'begun') {
    const there = fresh ? undefined : await part.find(attempt);
    const found = there ?? (await createOnce(context, part, attempt));
    await context.append({
      type: 'step.applied',
      step: context.step.id,
      part: part.name,
      found,
      arn: part.arn(found),
    });
    run = context.part(part.name)!;
  }
  if (run.state === 'applied') {
    const found = run.found!;
    await settle(context, part, () => part.settled(found, attempt));
  }
}

/** Nothing has begun, so nothing is taken back: what is there already is not this run's to remove. */
const thereAlready = ({ touches }: Part): FiredrillError =>
  new FiredrillError('name-taken', `${touches} is there already, and this run did not make it`, {
    expected: `no ${touches}`,
    found: 'one that was there before this step began',
    remedy: 'Find out whose it is, and remove it or have the drill use another name.',
    provesNothing: true,
  });

async function doObserve(context: StepContext, part: ObservePart): Promise<void> {
  const attempt = context.attempt(part.name, 'do');
  if (!context.part(part.name)) {
    const { name, touches, asks } = part;
    await context.append({ type: 'step.begun', step: context.step.id, part: name, key: attempt.key, touches, asks });
  }
  await settle(context, part, () => part.poll(attempt));
}

async function settle(context: StepContext, part: Part, look: () => Promise<Progress>): Promise<void> {
  const { outputs, check } = await context.poll(part, look);
  await context.append({
    type: 'step.settled',
    step: context.step.id,
    part: part.name,
    outputs,
    check,
    awsCalls: context.takeCalls(),
  });
}
