/** CreateNetworkAclEntry: one number per direction. */
import type { CreateNetworkAclEntryCommandInput, CreateNetworkAclEntryCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { AclEntry } from '../../world/ec2.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, required, requireAcl } from './find.ts';

export const createNetworkAclEntry =
  (world: World): Handler<CreateNetworkAclEntryCommandInput, CreateNetworkAclEntryCommandOutput> =>
  (input, call) => {
    const acl = requireAcl(world, call, input.NetworkAclId);
    const entry = entryOf(input);
    if (acl.entries.some(({ ruleNumber, egress }) => ruleNumber === entry.ruleNumber && egress === entry.egress))
      throw new AwsError(
        'NetworkAclEntryAlreadyExists',
        `The network acl entry identified by ${entry.ruleNumber} already exists.`,
      );
    refuseDryRun(input.DryRun);
    acl.entries.push(entry);
    applyNetwork(world);
    return {};
  };

function entryOf(input: CreateNetworkAclEntryCommandInput): AclEntry {
  const ruleNumber = required('ruleNumber', input.RuleNumber);
  const protocol = required('protocol', input.Protocol);
  const action = required('ruleAction', input.RuleAction);
  const egress = required('egress', input.Egress);
  const { CidrBlock: cidr, Ipv6CidrBlock: ipv6Cidr, PortRange } = input;
  if (ruleNumber < 1 || ruleNumber > 32_766)
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${ruleNumber}) for parameter ruleNumber is invalid. Must be between 1 and 32766`,
    );
  if (action !== 'allow' && action !== 'deny')
    throw new AwsError('InvalidParameterValue', `Value (${String(action)}) for parameter ruleAction is invalid.`);
  if (cidr === undefined && ipv6Cidr === undefined)
    throw new AwsError('MissingParameter', "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.");
  if (cidr !== undefined && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr))
    throw new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  return {
    ruleNumber,
    egress,
    action,
    protocol,
    ...(cidr === undefined ? {} : { cidr }),
    ...(ipv6Cidr === undefined ? {} : { ipv6Cidr }),
    ...(PortRange?.From === undefined ? {} : { fromPort: PortRange.From }),
    ...(PortRange?.To === undefined ? {} : { toPort: PortRange.To }),
  };
}
