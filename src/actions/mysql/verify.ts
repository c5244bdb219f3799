/** `mysql/verify`: the verification ladder on a restored MySQL or MariaDB database. */
import type { ActionSpec } from '../../domain/catalogue.ts';
import { defineAction } from '../action.ts';
import { ladderOf, portionsOfRungs } from '../verify/ladder.ts';
import { verifyOutputs } from '../verify/outputs.ts';
import { impliedManifest, params } from '../verify/params.ts';
import { previewOf } from '../verify/preview.ts';
import { mysqlEngine } from './engine.ts';

const spec = {
  name: 'mysql/verify',
  describes:
    'Proves the contents of a restored MySQL or MariaDB database rung by rung, with one assertion that must fail',
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
  portion: portionsOfRungs(mysqlEngine),
  phases: ['recover', 'verify'],
} satisfies ActionSpec<typeof params>;

export const verifyMysql = defineAction<typeof params>({
  spec,
  parts: (input) => ladderOf(input, mysqlEngine),
  preview: (input) => previewOf(input, mysqlEngine),
});
