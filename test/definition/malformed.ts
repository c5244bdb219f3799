/** All malformed definitions that the tests know. */
import { theText } from './malformed/text.ts';
import { itsShape } from './malformed/shape.ts';
import { singleValues } from './malformed/values.ts';
import { expressions } from './malformed/expressions.ts';
import { names } from './malformed/names.ts';
import { targets } from './malformed/targets.ts';
import { steps } from './malformed/steps.ts';
import { proof } from './malformed/proof.ts';
import type { Malformed } from './malformed/mistake.ts';

export const malformed: readonly Malformed[] = [
  ...theText,
  ...itsShape,
  ...singleValues,
  ...expressions,
  ...names,
  ...targets,
  ...steps,
  ...proof,
];
