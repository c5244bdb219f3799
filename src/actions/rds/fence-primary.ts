/**
 * `rds/fence-primary`: keeps writes away from a database before another becomes the primary. Without it, two primaries may
 * take writes, and one of them loses them. The two modes stand in files of their own.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { choice, target } from '../../domain/fields.ts';
import type { Finding } from '../../domain/plan.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, textOf } from '../places.ts';
import { speaksSql } from '../sql.ts';
import { groupPermissions, noAccessParts } from './fence-no-access.ts';
import { readOnlyPart, refusalOf } from './fence-read-only.ts';
import { proceedingUnconfirmed } from './unconfirmed.ts';

const params = z.strictObject({
  database: target('rds/instance', 'the database that must take no more writes'),
  mode: choice(
    ['no-access', 'read-only'],
    'no-access: a security group without ingress, then a reboot; read-only: the engine’s setting in the instance’s own parameter group',
  ),
  ifUnconfirmed: choice(['fail', 'proceed'], 'what to do when the fence can’t be confirmed; default fail').optional(),
});

export const spec = {
  name: 'rds/fence-primary',
  describes: 'Keeps writes away from a database before another one becomes the primary',
  params,
  effect: 'changes',
  outputs: {
    confirmed: { describes: '`true` when the fence was seen to be in force, `false` when the drill went on without' },
    unconfirmedBecause: { describes: 'why it was not, where the drill went on without' },
  },
  undo: 'give the database its security groups back, or set the parameter back',
  permissions: [
    'ec2:CreateSecurityGroup',
    'ec2:CreateTags',
    'ec2:DeleteSecurityGroup',
    'ec2:DescribeSecurityGroups',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameters',
    'rds:ModifyDBInstance',
    'rds:ModifyDBParameterGroup',
    'rds:RebootDBInstance',
    'rds:ResetDBParameterGroup',
  ],
  timeoutMs: 600_000,
  fences: 'database',
} satisfies ActionSpec<typeof params>;

export const fencePrimary = defineAction<typeof params>({
  spec,
  async parts(input) {
    const { mode, ifUnconfirmed } = input.params;
    const database = input.target(input.params.database);
    const lenient = ifUnconfirmed === 'proceed';
    const parts =
      mode === 'no-access' ? await noAccessParts(input, database, lenient) : [readOnlyPart(input, database)];
    return lenient ? parts.map((part) => proceedingUnconfirmed(part, input)) : parts;
  },
  async preview(input) {
    const database = input.target(input.params.database);
    const { id, facts } = onlyItem(database);
    const noAccess = input.params.mode === 'no-access';
    const group = textOf(facts['parameterGroup']);
    const findings: Finding[] = [];
    if (!noAccess) {
      const refusal = await refusalOf(input, database);
      if (refusal) {
        const { code, message, found, remedy } = refusal;
        findings.push({ severity: 'refuse', code, message: `${message}: ${found}`, remedy });
      }
      if (!speaksSql(database)) {
        findings.push({
          severity: 'warn',
          code: 'control-plane-only',
          message: `That older transactions of ${id} have ended can't be seen without a login: they may write after the fence`,
          remedy: `Give ${database.name} a login.`,
        });
      }
    }
    return {
      touches: noAccess ? [arnOf(database)] : [arnOf(database), `parameter group ${group}`],
      undo: noAccess
        ? `give ${id} its security groups ${JSON.stringify(facts['securityGroups'])} back`
        : `set the parameter in ${group} back`,
      permissions: noAccess
        ? [
            ...permissions(
              database,
              ['rds:ModifyDBInstance', 'rds:RebootDBInstance', 'rds:DescribeDBInstances'],
              [arnOf(database)],
            ),
            ...groupPermissions(input, database),
          ]
        : [
            ...permissions(
              database,
              ['rds:ModifyDBParameterGroup', 'rds:ResetDBParameterGroup', 'rds:DescribeDBParameters'],
              [`arn:aws:rds:${database.region}:${database.account}:pg:${group}`],
            ),
            ...permissions(database, ['rds:DescribeDBInstances'], ['*']),
          ],
      findings,
    };
  },
});
