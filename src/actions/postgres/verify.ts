/** `postgres/verify`: the verification ladder on a restored PostgreSQL database. */
import type { ActionSpec } from '../../domain/catalogue.ts';
import { defineAction } from '../action.ts';
import { ladderOf, portionsOfRungs } from '../verify/ladder.ts';
import { verifyOutputs } from '../verify/outputs.ts';
import { impliedManifest, params } from '../verify/params.ts';
import { previewOf } from '../verify/preview.ts';
import { postgresEngine } from './engine.ts';

const spec = {
  name: 'postgres/verify',
  describes: 'Proves the contents of a restored PostgreSQL database rung by rung, with one assertion that must fail',
  params,
  effect: 'observes',
  outputs: verifyOutputs,
  permissions: [
    's3:GetObject',
    's3:GetObjectVersion',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
  ],
  timeoutMs: 1_800_000,
  comparesWith: 'source',
  implied: impliedManifest,
  portion: portionsOfRungs(postgresEngine),
  phases: ['recover', 'verify'],
} satisfies ActionSpec<typeof params>;

export const verifyPostgres = defineAction<typeof params>({
  spec,
  parts: (input) => ladderOf(input, postgresEngine),
  preview: (input) => previewOf(input, postgresEngine),
});
