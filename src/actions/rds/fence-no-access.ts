/**
 * The `no-access` fence: a security group that lets nothing in takes the place of the instance's own, and a reboot ends the
 * sessions that security groups track and would leave alive. Control plane only, so it works on an instance that is cut off.
 * Never a network ACL (that is the fault's), never SQL (REVOKE replicates and would fence the next primary too).
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import { FiredrillError, isLost } from '../../domain/errors.ts';
import type { Attempt, ChangePart, CreatePart, Part } from '../../domain/part.ts';
import type { Permission, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { madeInVpc } from '../made-in-vpc.ts';
import { arnOf, drillTags, onlyItem, permissions, placeOf, runTag, stepTag, textOf } from '../places.ts';
import { theDatabase } from './databases.ts';
import { UnderName } from './made-by-steps.ts';

/** Tag that says whose fence a security group is. */
const fenceTag = 'firedrill:fence';

const noIngressGroup = {
  kind: 'security-group',
  create: 'ec2:CreateSecurityGroup',
  remove: 'ec2:DeleteSecurityGroup',
};

/** What its security group takes, in the VPC of the database. */
export const groupPermissions = (input: ActionInput, database: ResolvedTarget): Permission[] => [
  ...madeInVpc(input, database, noIngressGroup, [textOf(onlyItem(database).facts['vpcId']) || '*']),
  ...permissions(database, ['ec2:DescribeSecurityGroups'], ['*']),
];

/** Looks at an available instance after which a reboot that was never seen to begin is asked for again. */
const unseenLooks = 20;

/**
 * An instance that an earlier step of the run has closed already only needs the reboot: it may have been cut off by then, and
 * now it can be confirmed.
 * @param lenient take an instance that can't be looked at for not closed
 */
export async function noAccessParts(input: ActionInput, database: ResolvedTarget, lenient: boolean): Promise<Part[]> {
  const fence = new Fence(input, database, (attempt) => theDatabase(input, database, attempt));
  const closed = await fence.isClosedByEarlierStep().catch((error: unknown) => {
    if (isLost(error) || !lenient) throw error;
    return false;
  });
  return closed ? [fence.reboot()] : [fence.group(), fence.attachment(), fence.reboot()];
}

/** Closes an instance for connections to come; none for one that an earlier step of the run has closed. */
export async function closingParts(input: ActionInput, database: ResolvedTarget, find: Find): Promise<Part[]> {
  const fence = new Fence(input, database, find);
  return (await fence.isClosedByEarlierStep()) ? [] : [fence.group(), fence.attachment()];
}

/** Finds the instance, under whatever name it goes by now. */
type Find = (attempt: Pick<Attempt, 'signal'>) => Promise<DBInstance>;

interface Group {
  id: string;
  TagList?: readonly { Key?: string; Value?: string }[];
}

interface Attached {
  [key: string]: readonly string[];
  /** Ids, sorted; the fence's own group goes by the name that it has before it has an id. */
  groups: readonly string[];
}

class Fence {
  readonly #input: ActionInput;
  readonly #database: ResolvedTarget;
  readonly #find: Find;
  /** The name that the plan knows it by. */
  readonly #id: string;
  /** Name of the group: known before it exists, unique within the VPC, found again after a crash. */
  readonly #name: string;
  readonly #vpcId: string;

  constructor(input: ActionInput, database: ResolvedTarget, find: Find) {
    this.#input = input;
    this.#find = find;
    this.#database = database;
    this.#id = onlyItem(database).id;
    this.#vpcId = textOf(onlyItem(database).facts['vpcId']);
    this.#name = `firedrill-fence-${this.#id}-${input.runId}-${input.stepId}`.slice(0, 255);
  }

  get #ec2() {
    return this.#input.aws.in(placeOf(this.#database)).ec2;
  }

  get #rds() {
    return this.#input.aws.in(placeOf(this.#database)).rds;
  }

  /** Whether a fence of this run, put up by another step, stands. */
  async isClosedByEarlierStep(): Promise<boolean> {
    const attached = groupsOf(await this.#find({ signal: new AbortController().signal }));
    const { SecurityGroups = [] } = await this.#ec2.describeSecurityGroups({
      Filters: [
        { Name: `tag:${runTag}`, Values: [this.#input.runId] },
        { Name: `tag:${fenceTag}`, Values: [this.#id] },
      ],
    });
    const earlier = SecurityGroups.filter(
      (group) => !group.Tags?.some((tag) => tag.Key === stepTag && tag.Value === this.#input.stepId),
    );
    return attached.length > 0 && attached.every((id) => earlier.some((group) => group.GroupId === id));
  }

  group(): CreatePart<{ id: string }> {
    const named = new UnderName(this.#input, (attempt) => this.#group(attempt), nameTaken(this.#name));
    const arn = (id: string): string =>
      `arn:aws:ec2:${this.#database.region}:${this.#database.account}:security-group/${id}`;
    return {
      shape: 'create',
      name: 'no-ingress-group',
      touches: arn(this.#name),
      pollMs: this.#input.pollMs,
      identity: { name: this.#name, vpcId: this.#vpcId },
      arn: (found) => arn(found.id),
      find: async (attempt, known) => {
        const group = await named.find(attempt, ({ id }) => id === known?.id);
        return group && { id: group.id };
      },
      create: async (attempt) => {
        const make = async (): Promise<Group> => {
          const Tags = [...drillTags(this.#input), { Key: fenceTag, Value: this.#id }];
          const { GroupId } = await this.#ec2.createSecurityGroup(
            {
              GroupName: this.#name,
              Description: `Lets nothing reach ${this.#id} while firedrill fences it`.slice(0, 255),
              VpcId: this.#vpcId,
              TagSpecifications: [{ ResourceType: 'security-group', Tags }],
            },
            attempt,
          );
          return { id: GroupId! };
        };
        return { id: (await named.make(make, attempt))!.id };
      },
      // EC2 shows a new group only after a while, and what follows goes by its name.
      settled: async (_found, attempt) =>
        (await this.#group(attempt)) ? { done: true } : { done: false, saw: `${this.#name} can't be seen yet` },
      remove: async (found, attempt) => {
        await this.#ec2.deleteSecurityGroup({ GroupId: found.id }, attempt);
      },
    };
  }

  attachment(): ChangePart<Attached> {
    const read = async (attempt: Attempt): Promise<Attached> => {
      const attached = groupsOf(await this.#find(attempt));
      const own = (await this.#group(attempt))?.id;
      return { groups: attached.map((id) => (id === own ? this.#name : id)).sort() };
    };
    return {
      shape: 'change',
      name: 'security-groups',
      touches: arnOf(this.#database),
      pollMs: this.#input.pollMs,
      read,
      desired: () => ({ groups: [this.#name] }),
      write: async (to, _from, attempt) => {
        const own = to.groups.includes(this.#name) ? (await this.#group(attempt))?.id : undefined;
        const VpcSecurityGroupIds = to.groups.map((group) => (group === this.#name ? own! : group));
        const { DBInstanceIdentifier } = await this.#find(attempt);
        await this.#rds.modifyDBInstance(
          { DBInstanceIdentifier, VpcSecurityGroupIds, ApplyImmediately: true },
          attempt,
        );
      },
      settled: async (to, attempt) => {
        const database = await this.#find(attempt);
        const wanted = JSON.stringify(to.groups);
        const now = JSON.stringify((await read(attempt)).groups);
        const moving = database.VpcSecurityGroups?.find((group) => group.Status !== 'active');
        if (now === wanted && !moving) return { done: true };
        return { done: false, saw: `${this.#id} has security groups ${now}${moving ? ', changing' : ''}` };
      },
    };
  }

  /**
   * Ends every session. Nothing in RDS says that an instance was restarted, so it is seen to leave `available` and come back;
   * when that can't have been seen (another process began it), it is asked for once more, which a closed database can bear.
   */
  reboot(): ChangePart<{ rebooted: boolean }> {
    let left = false;
    let looks = 0;
    const restart = (attempt: Attempt) => this.#rds.rebootDBInstance({ DBInstanceIdentifier: this.#id }, attempt);
    return {
      shape: 'change',
      name: 'reboot',
      touches: arnOf(this.#database),
      pollMs: this.#input.pollMs,
      read: async (attempt) => {
        const { DBInstanceStatus } = await this.#find(attempt);
        return { rebooted: DBInstanceStatus === 'rebooting' };
      },
      // What a reboot ends can't be brought back; undone is the same as never asked for.
      same: (current, wanted) => !wanted.rebooted || current.rebooted,
      desired: () => ({ rebooted: true }),
      write: async (_to, _from, attempt) => {
        await restart(attempt);
      },
      settled: async (to, attempt) => {
        if (!to.rebooted) return { done: true };
        const { DBInstanceStatus: status = '' } = await this.#find(attempt);
        if (status !== 'available') {
          left = true;
          return { done: false, saw: `${this.#id} is ${status}` };
        }
        if (left) return { done: true, outputs: { confirmed: true } };
        looks += 1;
        if (looks % unseenLooks === 0) await restart(attempt).catch(unlessBusy);
        return { done: false, saw: `${this.#id} has not begun to reboot` };
      },
    };
  }

  /** The group of the fence's name, whoever made it. */
  async #group({ signal }: Pick<Attempt, 'signal'>): Promise<Group | undefined> {
    const { SecurityGroups = [] } = await this.#ec2.describeSecurityGroups(
      {
        Filters: [
          { Name: 'group-name', Values: [this.#name] },
          { Name: 'vpc-id', Values: [this.#vpcId] },
        ],
      },
      { signal },
    );
    const [found] = SecurityGroups;
    return found && { id: found.GroupId!, TagList: found.Tags };
  }
}

/** Groups that are in force or will be; one that is being removed counts as gone. */
const groupsOf = (database: DBInstance): string[] =>
  (database.VpcSecurityGroups ?? [])
    .filter((group) => group.Status !== 'removing')
    .map((group) => group.VpcSecurityGroupId!)
    .sort();

const nameTaken = (name: string): FiredrillError =>
  new FiredrillError('name-taken', `there is a security group ${name} already`, {
    expected: `no ${name}`,
    found: 'one that this step did not make',
    remedy: 'Delete it, or find out whose it is.',
  });

/** The reboot has begun in the meantime. */
function unlessBusy(error: unknown): void {
  if (!(error instanceof FiredrillError) || error.code !== 'not-ready') throw error;
}
