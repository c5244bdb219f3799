/** What a plan refuses of a launch, as the error of a step that comes as far all the same. */
import { FiredrillError } from '../../domain/errors.ts';
import type { Remedy } from '../../domain/errors.ts';
import type { Finding } from '../../domain/plan.ts';

export const refusedWith = (
  { code, message, remedy }: Finding,
  said: Required<Pick<Remedy, 'expected' | 'found'>>,
): FiredrillError => new FiredrillError(code, message, { ...said, remedy });
