/**
 * RevokeSecurityGroupEgress and -Ingress: by rule id or by content; what is not there fails the call. Tracked connections live
 * on.
 */
import type {
  RevokeSecurityGroupEgressCommandInput,
  RevokeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';
import type { Direction } from './rules.ts';
import { rulesToRevoke, ruleShape } from './rules.ts';

type Input = RevokeSecurityGroupEgressCommandInput | RevokeSecurityGroupIngressCommandInput;

export const revokeSecurityGroupRules =
  (world: World, direction: Direction): Handler<Input, RevokeSecurityGroupIngressCommandOutput> =>
  (input, call) => {
    const group = requireGroup(world, call, input.GroupId);
    const leaving = rulesToRevoke(world, call, group[direction], input);
    refuseDryRun(input.DryRun);
    group[direction] = group[direction].filter((rule) => !leaving.includes(rule));
    applyNetwork(world);
    return {
      Return: true,
      RevokedSecurityGroupRules: leaving.map((rule) => {
        const { SecurityGroupRuleId, ...shape } = ruleShape(call, group.id, rule, direction);
        return { SecurityGroupRuleId, GroupId: group.id, ...shape, ReferencedGroupId: rule.groupId };
      }),
    };
  };
