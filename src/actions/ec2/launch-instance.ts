/**
 * `ec2/launch-instance`: a fresh instance for a restore. What it restores acts like the original: so it gets a security group
 * without a way out, no more of a role than is said, and goes when the drill ends, with everything that came with it.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { file, target, text } from '../../domain/fields.ts';
import type { Condition, Finding, Permission, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, ifOwn, ifTaggedAsOwn, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { egressFindings } from '../rds/copies-must-not-act.ts';
import { instancePart, urlsForMs } from './launch-instance-machine.ts';
import { signalPart, signalPermissions, signalPlaceOf } from './launch-instance-signal.ts';
import { isS3Url, largestBytes, parseS3Url, scriptRefusal, signalVariable } from './launch-instance-user-data.ts';

const params = z
  .strictObject({
    template: target('ec2/launch-template', 'what is launched; its image has what the restore needs'),
    subnet: target('ec2/subnets', 'the subnet it stands in'),
    securityGroup: target('ec2/security-group', 'the only one it gets, instead of the template’s; without a way out'),
    userData: file('shell script of the project that restores and reports, as user data'),
    environment: z
      .record(z.string(), text())
      .optional()
      .meta({ description: 'variables of the script; a signed URL takes the place of s3://bucket/key' }),
    signal: target('s3/objects', `where the script reports to; it finds a signed URL for that in ${signalVariable}`),
    instanceProfile: text('name or ARN of its instance profile; default: the template’s').optional(),
    allowEgress: text('why what is restored may reach everything; default: it may not').optional(),
  })
  .refine(
    ({ environment = {} }) => Object.keys(environment).every((name) => /^[A-Za-z_]\w*$/.test(name)),
    'environment takes names of variables: letters, digits and _',
  )
  .refine(
    ({ environment = {} }) => !Object.keys(environment).some((name) => /PASS|SECRET|TOKEN|CREDENTIAL/i.test(name)),
    'a secret never stands in a file, and whoever may describe the instance can read its user data: let the script fetch it',
  )
  .refine(({ environment = {} }) => !(signalVariable in environment), `${signalVariable} is given by firedrill`);
type Params = z.output<typeof params>;

export const spec = {
  name: 'ec2/launch-instance',
  describes: 'Launches a fresh instance that restores a backup and reports; terminates it when the drill ends',
  params,
  effect: 'creates',
  outputs: { instance: { describes: 'the new instance', targetType: 'ec2/instances' } },
  undo: 'terminate the instance and wait until it is gone; delete every version of its signal',
  permissions: [
    'ec2:CreateTags',
    'ec2:DescribeInstances',
    'ec2:RunInstances',
    'ec2:TerminateInstances',
    'iam:PassRole',
    's3:DeleteObjectVersion',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:ListBucketVersions',
    's3:PutObject',
  ],
  timeoutMs: 600_000,
  portion: 'launch',
} satisfies ActionSpec<typeof params>;

export const launchInstance = defineAction<typeof params>({
  spec,
  parts: (input) => [signalPart(input), instancePart(input)],
  async preview(input) {
    const template = input.target(input.params.template);
    const subnet = input.target(input.params.subnet);
    const { bucket, key } = signalPlaceOf(input);
    return {
      touches: [
        `a new instance of ${textOf(onlyItem(template).facts['name'])} in ${onlyItem(subnet).id}`,
        `s3://${bucket}/${key}`,
      ],
      undo: spec.undo,
      permissions: [...launchPermissions(input), ...signalPermissions(input)],
      findings: [
        ...placeFindings(input),
        ...egressFindings(input.target(input.params.securityGroup), input.params.allowEgress),
        ...leftoverFindings(template),
        ...profileFindings(input),
        ...scriptFindings(input),
        ...(await urlFindings(input)),
      ],
    };
  },
});

const profileOf = (input: ActionInput<Params>): string =>
  input.params.instanceProfile ?? textOf(onlyItem(input.target(input.params.template)).facts['instanceProfile']);

/** Source: Service Authorization Reference, Amazon EC2, RunInstances and CreateTags. */
function launchPermissions(input: ActionInput<Params>): Permission[] {
  const { template: name, subnet, securityGroup, environment = {} } = input.params;
  const template = input.target(name);
  const { account, region } = template;
  const own = (kind: string): string => `arn:aws:ec2:${region}:${account}:${kind}`;
  const shared = (kind: string): string => `arn:aws:ec2:${region}::${kind}`;
  const machine = [own('instance/*'), own('volume/*')];
  const chosen = [arnOf(template), arnOf(input.target(subnet)), arnOf(input.target(securityGroup))];
  const byTemplate: Condition = { ArnEquals: { 'ec2:LaunchTemplate': arnOf(template) } };
  const profile = profileOf(input).split('/').at(-1);
  const fetched = Object.values(environment).flatMap((value) => (isS3Url(value) ? [parseS3Url(value)] : []));
  return [
    ...permissions(template, ['ec2:RunInstances'], [...chosen, own('network-interface/*')]),
    ...permissions(template, ['ec2:RunInstances'], machine, { ...byTemplate, ...ifTaggedAsOwn(input) }),
    // Another version of the template may say others; whatever they are, nobody but the template may.
    ...permissions(template, ['ec2:RunInstances'], [shared('image/*'), shared('snapshot/*'), own('key-pair/*')], {
      ...byTemplate,
      Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
    }),
    ...permissions(template, ['ec2:CreateTags'], machine, {
      StringEquals: { 'ec2:CreateAction': 'RunInstances' },
      ...ifTaggedAsOwn(input),
    }),
    ...permissions(template, ['ec2:DescribeInstances'], ['*']),
    ...permissions(template, ['ec2:TerminateInstances'], [own('instance/*')], ifOwn(input)),
    ...(profile
      ? permissions(template, ['iam:PassRole'], [`arn:aws:iam::${account}:role/${profile}`], {
          StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
        })
      : []),
    ...fetched.flatMap(({ bucket, key, versionId }) =>
      permissions(
        template,
        [versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'],
        [`arn:aws:s3:::${bucket}/${key}`],
      ),
    ),
  ];
}

const vpcOf = (named: ResolvedTarget): string => textOf(onlyItem(named).facts['vpcId']);

/** Template, subnet and group must be of one place: EC2 would say so only when the drill runs. */
function placeFindings(input: ActionInput<Params>): Finding[] {
  const template = input.target(input.params.template);
  const [subnet, group] = [input.target(input.params.subnet), input.target(input.params.securityGroup)];
  const refuse = (message: string): Finding => ({
    severity: 'refuse',
    code: 'launch-places-differ',
    message,
    remedy: 'Name a template, a subnet and a security group that belong together.',
  });
  const elsewhere = [subnet, group].filter(
    ({ account, region }) => account !== template.account || region !== template.region,
  );
  if (elsewhere.length > 0) {
    const names = elsewhere.map(({ name }) => name).join(', ');
    return [refuse(`${names}: not in the account and region of ${template.name}`)];
  }
  if (subnet.items.length > 0 && group.items.length > 0 && vpcOf(subnet) !== vpcOf(group)) {
    return [refuse(`${subnet.name} is in ${vpcOf(subnet)}, and ${group.name} in ${vpcOf(group)}`)];
  }
  if (subnet.items.length < 2) return [];
  const message = `${subnet.name} has ${subnet.items.length} subnets: ${onlyItem(subnet).id} is taken`;
  return [{ severity: 'note', code: 'launch-subnet', message }];
}

/** What would outlive the instance. */
function leftoverFindings(template: ResolvedTarget): Finding[] {
  const { keptVolumes, instanceType } = onlyItem(template).facts;
  const devices = (keptVolumes ?? []) as readonly string[];
  const cost: Finding = {
    severity: 'note',
    code: 'instance-cost',
    message: `An instance ${textOf(instanceType) || 'of the template’s kind'} is paid for until the drill ends`,
  };
  if (devices.length === 0) return [cost];
  return [
    cost,
    {
      severity: 'refuse',
      code: 'volumes-stay',
      message: `Volumes ${devices.join(', ')} of ${template.name} would stay when the instance is terminated, with a copy of the data`,
      remedy: 'Say DeleteOnTermination for them in the launch template.',
    },
  ];
}

function profileFindings(input: ActionInput<Params>): Finding[] {
  const profile = profileOf(input);
  if (!profile) return [];
  const role = `iam:PassRole is asked for the role of the same name`;
  if (input.params.instanceProfile !== undefined) {
    return [{ severity: 'note', code: 'instance-profile', message: `The copy may do what ${profile} may; ${role}` }];
  }
  return [
    {
      severity: 'warn',
      code: 'instance-profile',
      message: `The copy gets instance profile ${profile} from the template: if that is the original’s, it may do all that the original may; ${role}`,
      remedy: 'Say instanceProfile: one that allows no more than the restore needs, which may be nothing.',
    },
  ];
}

/** How long a signed URL can get, bytes: those of sessions carry a token. */
const urlBytes = 2_000;

function scriptFindings(input: ActionInput<Params>): Finding[] {
  const { params } = input;
  const script = input.file(params.userData);
  const refusal = scriptRefusal(params.userData, script);
  if (refusal) {
    return [{ severity: 'refuse', code: refusal.code, message: refusal.message, remedy: refusal.remedy }];
  }
  const values = Object.values(params.environment ?? {});
  const bytes = Buffer.byteLength(script) + values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  // A value that another step gives may be an s3:// URL too.
  const urls = 1 + values.length;
  if (bytes > largestBytes || bytes + urls * urlBytes > largestBytes) {
    return [
      {
        severity: bytes > largestBytes ? 'refuse' : 'warn',
        code: 'user-data-too-large',
        message: `${params.userData} and its variables have ${bytes} bytes, and up to ${urls} signed URLs of ${urlBytes} come to that; user data has at most ${largestBytes}`,
        remedy: 'Put what is long into the image, or let the script fetch it by an s3:// URL in its environment.',
      },
    ];
  }
  return [];
}

const minutes = (ms: number): number => Math.floor(ms / 60_000);

/** URLs die with the session that signed them: sessions of roles after an hour. */
async function urlFindings(input: ActionInput<Params>): Promise<Finding[]> {
  const forMs = urlsForMs(input);
  const signal = signalPlaceOf(input);
  const asked = { method: 'GET', bucket: signal.bucket, key: signal.key, forMs } as const;
  const places = [placeOf(input.target(input.params.template)), signal];
  const lives = await Promise.all(places.map(async (place) => (await input.aws.presign(place, asked)).goodForMs));
  const goodForMs = Math.min(...lives);
  if (minutes(goodForMs) >= minutes(forMs) - 1) return [];
  return [
    {
      severity: 'warn',
      code: 'urls-end-early',
      message: `Signed URLs are good for ${minutes(goodForMs)} min at most, as the credentials that sign them; this step and those after it may take ${minutes(forMs)} min. A script that fetches or reports later fails`,
      remedy:
        'Sign with credentials that last longer, or give shorter timeouts, so that a late restore is told as such.',
    },
  ];
}
