/** AuthorizeSecurityGroupEgress and -Ingress: rules that are there already fail the whole call. */
import type {
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupIngressCommandInput,
  AuthorizeSecurityGroupIngressCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2Id } from '../../world/ids.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';
import type { Direction } from './rules.ts';
import { describeRule, requestedRules, ruleShape, sameRule } from './rules.ts';

type Input = AuthorizeSecurityGroupEgressCommandInput | AuthorizeSecurityGroupIngressCommandInput;

export const authorizeSecurityGroupRules =
  (world: World, direction: Direction): Handler<Input, AuthorizeSecurityGroupIngressCommandOutput> =>
  (input, call) => {
    const group = requireGroup(world, call, input.GroupId);
    const wanted = requestedRules(world, call, input);
    const there = wanted.find((rule) => group[direction].some((each) => sameRule(each, rule)));
    if (there !== undefined)
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "${describeRule(there)}, ALLOW" already exists`,
      );
    refuseDryRun(input.DryRun);
    const added = wanted.map((rule) => ({ ...rule, id: ec2Id(world, 'sgr') }));
    group[direction].push(...added);
    applyNetwork(world);
    return { Return: true, SecurityGroupRules: added.map((rule) => ruleShape(call, group.id, rule, direction)) };
  };
