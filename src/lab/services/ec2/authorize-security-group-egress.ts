/** AuthorizeSecurityGroupEgress: rules that are there already fail the whole call. */
import type {
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupEgressCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2Id } from '../../world/ids.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';
import { describeRule, requestedRules, ruleShape, sameRule } from './rules.ts';

export const authorizeSecurityGroupEgress =
  (world: World): Handler<AuthorizeSecurityGroupEgressCommandInput, AuthorizeSecurityGroupEgressCommandOutput> =>
  (input, call) => {
    const group = requireGroup(world, call, input.GroupId);
    const wanted = requestedRules(world, call, input);
    const there = wanted.find((rule) => group.egress.some((each) => sameRule(each, rule)));
    if (there !== undefined)
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "${describeRule(there)}, ALLOW" already exists`,
      );
    refuseDryRun(input.DryRun);
    const added = wanted.map((rule) => ({ ...rule, id: ec2Id(world, 'sgr') }));
    group.egress.push(...added);
    applyNetwork(world);
    return { Return: true, SecurityGroupRules: added.map((rule) => ruleShape(call, group.id, rule, true)) };
  };
