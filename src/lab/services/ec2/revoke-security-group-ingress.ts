/** RevokeSecurityGroupIngress: by rule id or by content; what is not there fails the call. Tracked connections live on. */
import type {
  RevokeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';
import { rulesToRevoke, ruleShape } from './rules.ts';

export const revokeSecurityGroupIngress =
  (world: World): Handler<RevokeSecurityGroupIngressCommandInput, RevokeSecurityGroupIngressCommandOutput> =>
  (input, call) => {
    const group = requireGroup(world, call, input.GroupId);
    const leaving = rulesToRevoke(world, call, group.ingress, input);
    refuseDryRun(input.DryRun);
    group.ingress = group.ingress.filter((rule) => !leaving.includes(rule));
    applyNetwork(world);
    return {
      Return: true,
      RevokedSecurityGroupRules: leaving.map((rule) => {
        const { SecurityGroupRuleId, ...shape } = ruleShape(call, group.id, rule, false);
        return { SecurityGroupRuleId, GroupId: group.id, ...shape, ReferencedGroupId: rule.groupId };
      }),
    };
  };
