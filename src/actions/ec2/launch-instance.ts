/**
 * `ec2/launch-instance`: a fresh instance for a restore. What it restores acts like the original: so it gets a security group
 * without a way out, no more of a role than is said, and goes when the drill ends, with everything that came with it.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { file, target, text } from '../../domain/fields.ts';
import type { Finding, Permission, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, ifOwn, ifTaggedAsOwn, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { egressFindings } from '../rds/copies-must-not-act.ts';
import { instancePart, urlsForMs } from './launch-instance-machine.ts';
import { roomFindings, wholeRoomOf } from './launch-instance-room.ts';
import { signalFindings, signalPart, signalPermissions, signalPlaceOf } from './launch-instance-signal.ts';
import type { Source } from './launch-instance-source.ts';
import { sourceOf } from './launch-instance-source.ts';
import { isS3Url, largestBytes, parseS3Url, scriptRefusal, signalVariable } from './launch-instance-user-data.ts';

const variableName = z
  .string()
  .refine((name) => /^[A-Za-z_]\w*$/.test(name), 'environment takes names of variables: letters, digits and _')
  .refine(
    (name) => !/PASS|SECRET|TOKEN|CREDENTIAL/i.test(name),
    'a secret never stands in a file, and whoever may describe the instance can read its user data: let the script fetch it',
  )
  .refine((name) => name !== signalVariable, `${signalVariable} is given by firedrill`);

const params = z
  .strictObject({
    template: target(
      'ec2/launch-template',
      'what is launched; its image has what the restore needs. Or say image and instanceType',
    ).optional(),
    image: target('ec2/image', 'instead of a template: the image, which has what the restore needs').optional(),
    instanceType: text('with image: type of the instance, e.g. t3.large').optional(),
    subnet: target('ec2/subnets', 'the subnet it stands in; default: the template’s').optional(),
    securityGroup: target(
      'ec2/security-group',
      'the only one it gets, whatever a template says; default: the template’s. Without a way out',
    ).optional(),
    userData: file('shell script of the project that restores and reports, as user data'),
    environment: z
      .record(variableName, text())
      .optional()
      .meta({ description: 'variables of the script; a signed URL takes the place of s3://bucket/key' }),
    signal: target(
      's3/objects',
      `where the script reports to; it finds a signed URL for that in ${signalVariable}. Default: firedrill/ in the one bucket of the drill`,
    ).optional(),
    instanceProfile: text(
      'name or ARN of its instance profile; default: the template’s, with an image none',
    ).optional(),
    allowEgress: text('why what is restored may reach everything; default: it may not').optional(),
  })
  .refine(
    ({ template, image, instanceType }) =>
      template === undefined
        ? image !== undefined && instanceType !== undefined
        : (image ?? instanceType) === undefined,
    'say either template, or image and instanceType',
  )
  .refine(
    ({ image, subnet, securityGroup }) => image === undefined || (subnet !== undefined && securityGroup !== undefined),
    'an image says nothing of where it is launched: say subnet and securityGroup',
  );
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
    const source = sourceOf(input);
    const findings = [...roomFindings(input), ...signalFindings(input)];
    if (findings.some(({ code }) => code === 'launch-unplaced' || code === 'signal-place')) {
      return { touches: [`a new instance of ${source.title}`], undo: spec.undo, permissions: [], findings };
    }
    const { subnet, groups } = wholeRoomOf(input);
    const { bucket, key } = signalPlaceOf(input);
    return {
      touches: [`a new instance of ${source.title} in ${onlyItem(subnet).id}`, `s3://${bucket}/${key}`],
      undo: spec.undo,
      permissions: [...launchPermissions(input, source), ...signalPermissions(input)],
      findings: [
        ...findings,
        ...egressFindings(groups, input.params.allowEgress),
        costFinding(source),
        ...source.findings,
        ...profileFindings(input, source),
        ...scriptFindings(input),
        ...(await urlFindings(input, source)),
      ],
    };
  },
});

/** Source: Service Authorization Reference, Amazon EC2, CreateTags. */
function launchPermissions(input: ActionInput<Params>, { named, instanceProfile, ...source }: Source): Permission[] {
  const { environment = {} } = input.params;
  const { subnet, groups } = wholeRoomOf(input);
  const { account, region } = named;
  const own = (kind: string): string => `arn:aws:ec2:${region}:${account}:${kind}`;
  const profile = instanceProfile.split('/').at(-1);
  const fetched = Object.values(environment).flatMap((value) => (isS3Url(value) ? [parseS3Url(value)] : []));
  return [
    ...source.permissions([arnOf(subnet), ...groups.items.map((group) => arnOf(groups, group))]),
    ...permissions(named, ['ec2:CreateTags'], [own('instance/*'), own('volume/*')], {
      StringEquals: { 'ec2:CreateAction': 'RunInstances' },
      ...ifTaggedAsOwn(input),
    }),
    ...permissions(named, ['ec2:DescribeInstances'], ['*']),
    ...permissions(named, ['ec2:TerminateInstances'], [own('instance/*')], ifOwn(input)),
    ...(profile
      ? permissions(named, ['iam:PassRole'], [`arn:aws:iam::${account}:role/${profile}`], {
          StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
        })
      : []),
    ...fetchedFromElsewhere(input, named),
    ...fetched.flatMap(({ bucket, key, versionId }) =>
      permissions(
        named,
        [versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'],
        [`arn:aws:s3:::${bucket}/${key}`],
      ),
    ),
  ];
}

/**
 * What steps find in another location is signed for as whoever launches, and the step that finds it asks for its own location.
 * Which it will be is not known yet: any that the drill selects there.
 */
function fetchedFromElsewhere(input: ActionInput<Params>, launched: ResolvedTarget): Permission[] {
  const isLiteral = Object.values(input.params.environment ?? {}).every((value) => isS3Url(value));
  if (isLiteral) return [];
  const elsewhere = input.targets.filter(
    ({ type, name, location }) =>
      type === 's3/objects' && location !== launched.location && name !== input.params.signal,
  );
  const arns = elsewhere.flatMap(({ items }) =>
    items.map(({ facts }) => `arn:aws:s3:::${textOf(facts['bucket'])}/${textOf(facts['prefix'])}*`),
  );
  return arns.length === 0 ? [] : permissions(launched, ['s3:GetObject', 's3:GetObjectVersion'], arns);
}

const costFinding = ({ instanceType }: Source): Finding => ({
  severity: 'note',
  code: 'instance-cost',
  message: `An instance ${instanceType || 'of the template’s kind'} is paid for until the drill ends`,
});

function profileFindings(input: ActionInput<Params>, { instanceProfile: profile }: Source): Finding[] {
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
async function urlFindings(input: ActionInput<Params>, { named }: Source): Promise<Finding[]> {
  const forMs = urlsForMs(input);
  const signal = signalPlaceOf(input);
  const asked = { method: 'GET', bucket: signal.bucket, key: signal.key, forMs } as const;
  const places = [placeOf(named), signal];
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
