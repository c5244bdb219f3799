/**
 * `ec2/isolate-subnets`: cuts subnets off, as the loss of a zone or region does. A network ACL without entries denies
 * everything; it takes the place of each subnet's own. Replacing an association gives it a new id, so the way back is keyed
 * on the subnet and the ACL that it had. Traffic inside a subnet isn't filtered by its ACL.
 */
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target } from '../../domain/fields.ts';
import type { Attempt, ChangePart, CreatePart } from '../../domain/part.ts';
import type { Finding, Permission, ResolvedItem, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { madeInVpc } from '../made-in-vpc.ts';
import { arnOf, drillTags, permissions, placeOf, runTag, stepTag, tagsLost, textOf } from '../places.ts';

const params = z.strictObject({
  subnets: target('ec2/subnets', 'the subnets to cut off'),
  mayHit: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: 'owners of network interfaces that may be hit besides instances, balancers and databases' }),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'ec2/isolate-subnets',
  describes:
    'Cuts subnets off: a network ACL that denies everything takes the place of each subnet’s own. Hits every network interface in them',
  params,
  effect: 'changes',
  undo: 'give each subnet the network ACL back that it had, and delete the denying one',
  permissions: [
    'ec2:CreateNetworkAcl',
    'ec2:CreateTags',
    'ec2:DeleteNetworkAcl',
    'ec2:DescribeNetworkAcls',
    'ec2:DescribeNetworkInterfaces',
    'ec2:ReplaceNetworkAclAssociation',
  ],
  timeoutMs: 120_000,
  fault: true,
} satisfies ActionSpec<typeof params>;

export const isolateSubnets = defineAction<typeof params>({
  spec,
  parts(input) {
    const subnets = input.target(input.params.subnets);
    const vpcs = [...new Set(subnets.items.map(vpcOf))].sort();
    const denials = new Map(vpcs.map((vpc) => [vpc, new DenyAll(input, subnets, vpc)]));
    return [
      ...[...denials.values()].map((denial) => denial.part()),
      ...subnets.items.map((subnet) => association(input, subnets, subnet, denials.get(vpcOf(subnet))!)),
    ];
  },
  async preview(input) {
    const subnets = input.target(input.params.subnets);
    const interfaces = await interfacesIn(input, subnets);
    return {
      touches: [...subnets.items.map((subnet) => arnOf(subnets, subnet)), ...interfaces.map(describeInterface)],
      undo: spec.undo,
      permissions: permissionsOf(input, subnets),
      findings: findingsOn(interfaces, input.params.mayHit ?? []),
    };
  },
});

const denyingAcl = { kind: 'network-acl', create: 'ec2:CreateNetworkAcl', remove: 'ec2:DeleteNetworkAcl' };

/** The way back gives each subnet the ACL that it had, which can be any. */
function permissionsOf(input: ActionInput<Params>, subnets: ResolvedTarget): Permission[] {
  // Subnets that are found anew by tags may lie in another VPC.
  const vpcs = subnets.select['tags'] === undefined ? [...new Set(subnets.items.map(vpcOf))] : ['*'];
  return [
    ...madeInVpc(input, subnets, denyingAcl, vpcs),
    ...permissions(
      subnets,
      ['ec2:ReplaceNetworkAclAssociation'],
      [
        ...subnets.items.map((subnet) => arnOf(subnets, subnet)),
        `arn:aws:ec2:${subnets.region}:${subnets.account}:network-acl/*`,
      ],
    ),
    ...permissions(subnets, ['ec2:DescribeNetworkAcls', 'ec2:DescribeNetworkInterfaces'], ['*']),
  ];
}

const vpcOf = (subnet: ResolvedItem): string => textOf(subnet.facts['vpcId']);

/** The network ACL that denies everything, one for each VPC. */
class DenyAll {
  readonly #input: ActionInput<Params>;
  readonly #subnets: ResolvedTarget;
  readonly #vpc: string;
  /** What it is called before it has an id. */
  readonly name: string;
  #id: string | undefined;

  constructor(input: ActionInput<Params>, subnets: ResolvedTarget, vpc: string) {
    this.#input = input;
    this.#subnets = subnets;
    this.#vpc = vpc;
    this.name = `deny-all-${vpc}`;
  }

  get #ec2() {
    return this.#input.aws.in(placeOf(this.#subnets)).ec2;
  }

  /** Its id, once it exists. */
  async id(attempt: Pick<Attempt, 'signal'>): Promise<string | undefined> {
    this.#id ??= await this.#find(attempt);
    return this.#id;
  }

  async #find({ signal }: Pick<Attempt, 'signal'>): Promise<string | undefined> {
    const { NetworkAcls = [] } = await this.#ec2.describeNetworkAcls(
      {
        Filters: [
          { Name: 'vpc-id', Values: [this.#vpc] },
          { Name: `tag:${runTag}`, Values: [this.#input.runId] },
          { Name: `tag:${stepTag}`, Values: [this.#input.stepId] },
        ],
      },
      { signal },
    );
    return NetworkAcls[0]?.NetworkAclId;
  }

  async #exists(id: string, { signal }: Pick<Attempt, 'signal'>): Promise<boolean> {
    const asked = { Filters: [{ Name: 'network-acl-id', Values: [id] }] };
    const { NetworkAcls = [] } = await this.#ec2.describeNetworkAcls(asked, { signal });
    return NetworkAcls.length > 0;
  }

  part(): CreatePart<{ id: string }> {
    const { runId, stepId, pollMs } = this.#input;
    const arn = (id: string): string =>
      `arn:aws:ec2:${this.#subnets.region}:${this.#subnets.account}:network-acl/${id}`;
    const token = createHash('sha256').update(`${runId} ${stepId} ${this.#vpc}`).digest('hex');
    return {
      shape: 'create',
      name: this.name,
      touches: arn(this.name),
      pollMs,
      identity: { token, vpc: this.#vpc },
      arn: (found) => arn(found.id),
      find: async (attempt, known) => {
        const id = await this.#find(attempt);
        if (id !== undefined) return { id };
        if (known && (await this.#exists(known.id, attempt))) throw tagsLost(this.#input);
        return undefined;
      },
      create: async (attempt) => {
        const { NetworkAcl } = await this.#ec2.createNetworkAcl(
          {
            VpcId: this.#vpc,
            ClientToken: token,
            TagSpecifications: [{ ResourceType: 'network-acl', Tags: drillTags(this.#input) }],
          },
          attempt,
        );
        return { id: NetworkAcl!.NetworkAclId! };
      },
      settled: async (found, attempt) =>
        (await this.#find(attempt)) === undefined
          ? { done: false, saw: `network ACL ${found.id} can't be seen yet` }
          : { done: true },
      remove: async (found, attempt) => {
        await this.#ec2.deleteNetworkAcl({ NetworkAclId: found.id }, attempt);
      },
    };
  }
}

interface Associated {
  [key: string]: string;
  /** Id of the ACL; the denying one goes by its name. */
  acl: string;
}

function association(
  input: ActionInput<Params>,
  subnets: ResolvedTarget,
  subnet: ResolvedItem,
  denial: DenyAll,
): ChangePart<Associated> {
  const { ec2 } = input.aws.in(placeOf(subnets));
  const current = async ({ signal }: Attempt): Promise<{ acl: string; association: string }> => {
    const { NetworkAcls = [] } = await ec2.describeNetworkAcls(
      { Filters: [{ Name: 'association.subnet-id', Values: [subnet.id] }] },
      { signal },
    );
    for (const acl of NetworkAcls) {
      const found = acl.Associations?.find((association) => association.SubnetId === subnet.id);
      if (found) return { acl: acl.NetworkAclId!, association: found.NetworkAclAssociationId! };
    }
    throw subnetGone(subnet.id);
  };
  const read = async (attempt: Attempt): Promise<Associated> => {
    const { acl } = await current(attempt);
    return { acl: acl === (await denial.id(attempt)) ? denial.name : acl };
  };
  return {
    shape: 'change',
    name: subnet.id,
    touches: arnOf(subnets, subnet),
    pollMs: input.pollMs,
    read,
    desired: () => ({ acl: denial.name }),
    async write(to, from, attempt) {
      const now = await current(attempt);
      const denying = await denial.id(attempt);
      const idOf = (acl: string): string | undefined => (acl === denial.name ? denying : acl);
      if (now.acl !== idOf(from.acl)) throw changedMeanwhile(subnet.id, from.acl, now.acl);
      // The association's id changes with every replacement: AWS refuses if somebody was quicker.
      await ec2.replaceNetworkAclAssociation({ AssociationId: now.association, NetworkAclId: idOf(to.acl) }, attempt);
    },
    async settled(to, attempt) {
      const { acl } = await read(attempt);
      return acl === to.acl ? { done: true } : { done: false, saw: `${subnet.id} still has network ACL ${acl}` };
    },
  };
}

async function interfacesIn(input: ActionInput<Params>, subnets: ResolvedTarget): Promise<NetworkInterface[]> {
  const { ec2 } = input.aws.in(placeOf(subnets));
  const found: NetworkInterface[] = [];
  for (let NextToken: string | undefined; ;) {
    const page = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'subnet-id', Values: subnets.items.map((subnet) => subnet.id) }],
      NextToken,
    });
    found.push(...(page.NetworkInterfaces ?? []));
    if (!page.NextToken) return found;
    NextToken = page.NextToken;
  }
}

/** Owners whose interfaces one expects in the subnets of an application. */
const expectedOwners = new Set(['instance', 'amazon-elb', 'amazon-rds', 'network_load_balancer', 'load_balancer']);

/** Who an interface belongs to: an instance, a service by its name, or the kind of interface. */
function ownerOf({ InterfaceType, RequesterId, Attachment, Description = '' }: NetworkInterface): string {
  if (InterfaceType && InterfaceType !== 'interface') return InterfaceType;
  if (RequesterId?.startsWith('amazon-')) return RequesterId;
  // Services that act under an account number of their own are told by what they write.
  if (Description.startsWith('ELB ')) return 'amazon-elb';
  if (Description.startsWith('RDSNetworkInterface')) return 'amazon-rds';
  return Attachment?.InstanceId ? 'instance' : (RequesterId ?? 'unattached');
}

const describeInterface = (found: NetworkInterface): string =>
  `${found.NetworkInterfaceId} (${[ownerOf(found), found.Attachment?.InstanceId, found.Description].filter(Boolean).join(', ')})`;

function findingsOn(interfaces: readonly NetworkInterface[], mayHit: readonly string[]): Finding[] {
  const unexpected = interfaces.filter((found) => {
    const owner = ownerOf(found);
    return !expectedOwners.has(owner) && !mayHit.includes(owner) && owner !== 'unattached';
  });
  const control: Finding = {
    severity: 'note',
    code: 'control-plane-stays',
    message: 'The provider’s own control plane goes on in these subnets: a lost zone or region would take it along',
  };
  if (unexpected.length === 0) return [control];
  const owners = [...new Set(unexpected.map(ownerOf))];
  return [
    control,
    {
      severity: 'refuse',
      code: 'unexpected-interfaces',
      message: `Isolation would also hit ${unexpected.map(describeInterface).join('; ')}`,
      remedy: `Select the subnets more narrowly. If they may be hit, say mayHit: [${owners.join(', ')}].`,
    },
  ];
}

const subnetGone = (id: string): FiredrillError =>
  new FiredrillError('subnet-gone', `there is no subnet ${id} any more, or it has no network ACL`, {
    expected: id,
    found: 'none',
    remedy: 'Find out in CloudTrail who deleted it.',
  });

const changedMeanwhile = (id: string, expected: string, found: string): FiredrillError =>
  new FiredrillError('changed-by-someone-else', `the network ACL of ${id} was changed by someone else`, {
    expected,
    found,
    remedy: 'Decide which network ACL is right and associate it by hand.',
  });
