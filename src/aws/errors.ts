/**
 * Errors of the funnel, for the person who must act: what AWS's answer means, and what to do about it. The codes are what
 * actions and the driver go by, across services that name the same thing differently.
 */
import { FiredrillError } from '../domain/errors.ts';
import type { AwsCall, Place, ServiceName } from './aws.ts';
import type { Failure, SdkError } from './failures.ts';
import { codeOf } from './failures.ts';
import { scrub, secretsIn } from './redact.ts';

/** A write whose answer never came. It may have taken effect: reading decides, nothing else. */
export class IndeterminateError extends FiredrillError {
  override name = 'IndeterminateError';
  constructor(call: AwsCall, why: string) {
    super('indeterminate', `${nameOf(call)} was sent and its answer is not known: ${why}`, {
      expected: 'an answer',
      found: why,
      remedy: 'firedrill reads what became of it before it goes on. If this comes often, look at the way to AWS.',
    });
  }
}

/** The credentials belong to another account than the drill names. Nothing was called there but STS. */
export class AccountMismatchError extends FiredrillError {
  override name = 'AccountMismatchError';
  constructor(place: Place, found: string) {
    super('account-mismatch', `the credentials for ${place.region} belong to account ${found}`, {
      expected: `account ${place.account}${place.role ? ` through role ${place.role}` : ''}`,
      found: `account ${found}`,
      remedy: place.role
        ? `Give the location a role of account ${place.account}.`
        : `Use credentials of account ${place.account} (AWS_PROFILE), or give the location a role there.`,
    });
  }
}

/** Service prefixes of IAM actions, where they differ from the names used here. */
const iamPrefixes: Partial<Readonly<Record<ServiceName, string>>> = { elbv2: 'elasticloadbalancing' };

/** IAM actions that are not called like the operation. */
const iamActions: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  HeadBucket: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
};

/** S3 has a permission of its own for a call that names a version. */
const ofVersions = /^s3:(Get|Delete)Object$/;

/** The IAM action that a call needs, e.g. `elasticloadbalancing:DescribeLoadBalancers`. */
export function iamActionOf({ service, operation, input }: Pick<AwsCall, 'service' | 'operation' | 'input'>): string {
  const action = `${iamPrefixes[service] ?? service}:${iamActions[operation] ?? operation}`;
  const { VersionId } = (input ?? {}) as { VersionId?: string };
  return VersionId !== undefined && ofVersions.test(action) ? `${action}Version` : action;
}

const nameOf = ({ service, operation, region }: AwsCall): string => `${service} ${operation} in ${region}`;

const denied = /^(AccessDenied|UnauthorizedOperation|AuthFailure|Forbidden|NotAuthorized|403)/;
const badCredentials =
  /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId|InvalidSignature|IncompleteSignature)/;
const notFound = /NotFound$|^(NoSuch|404$)|^QueueDoesNotExist$|\.NotFound$|NonExistentQueue$/;
const exists = /AlreadyExists$|\.Duplicate$|^BucketAlreadyOwnedByYou$|^EntityAlreadyExists$/;
/** The resource is busy with something else; the same call can succeed later. */
const busy =
  /^(InvalidDBInstanceState|InvalidDBSnapshotState|InvalidDBParameterGroupState|IncorrectInstanceState|IncorrectState|DependencyViolation|ResourceInUse|ResourceContention|ScalingActivityInProgress|OperationAborted|RestoreAlreadyInProgress)$/;
const capacity = /^Insufficient\w*Capacity$/;
const quota = /(LimitExceeded|QuotaExceeded)$/;

/** A failed call as an error to act on. `failure` is why it is given up. */
export function explain(call: AwsCall, failure: Failure, error: SdkError): FiredrillError {
  const message = scrub(error.message || error.name, secretsIn(call.input));
  const found = [codeOf(error), error.$metadata?.requestId && `request ${error.$metadata.requestId}`]
    .filter(Boolean)
    .join(', ');
  const { code, remedy } = meaningOf(call, failure, error, message);
  return new FiredrillError(code, `${nameOf(call)}: ${message}`, { found, remedy });
}

interface Meaning {
  code: string;
  remedy: string;
}

function meaningOf(call: AwsCall, failure: Failure, error: SdkError, message: string): Meaning {
  switch (failure) {
    case 'throttled':
      return {
        code: 'aws-throttled',
        remedy: 'AWS limits calls a second by account and region. Wait, or find out who else calls it so much.',
      };
    case 'expired':
      return { code: 'aws-expired-token', remedy: 'Log in again (aws sso login), or renew the temporary credentials.' };
    case 'server':
      return { code: 'aws-unavailable', remedy: `Look at the health of ${call.service} in ${call.region}.` };
    case 'timeout':
    case 'lost':
    case 'unsent':
      return {
        code: 'aws-unreachable',
        remedy: `Check the way from here to ${call.service} in ${call.region}, and AWS_ENDPOINT_URL if it is set.`,
      };
    case 'unsendable':
      return unsendable(error);
    case 'refused':
      return meaningOfRefusal(call, codeOf(error), message);
  }
}

const unsendable = (error: SdkError): Meaning =>
  /Provider/.test(error.name)
    ? {
        code: 'aws-credentials',
        remedy: 'Give AWS credentials: AWS_PROFILE, aws sso login, AWS_ACCESS_KEY_ID, or a role for this machine.',
      }
    : {
        code: 'aws-unsendable',
        remedy: 'The request could not be made. For an untrusted certificate, set NODE_EXTRA_CA_CERTS.',
      };

function meaningOfRefusal(call: AwsCall, code: string, message: string): Meaning {
  if (denied.test(code)) {
    const action = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(message)?.[1] ?? iamActionOf(call);
    return {
      code: 'aws-access-denied',
      remedy:
        action === 'sts:AssumeRole'
          ? 'Allow sts:AssumeRole on the role, and these credentials (with the external id, if any) in its trust policy.'
          : `Allow ${action} to ${call.role ?? `the credentials in use, of account ${call.account}`}. "firedrill iam-policy", run as somebody who may read, prints the whole policy that the drill needs.`,
    };
  }
  if (badCredentials.test(code)) {
    return { code: 'aws-credentials', remedy: 'AWS does not know these credentials. Check the profile and the clock.' };
  }
  if (notFound.test(code)) {
    return { code: 'aws-not-found', remedy: `Check its name, and that it is in ${call.region} of ${call.account}.` };
  }
  if (exists.test(code)) return { code: 'aws-already-exists', remedy: 'Remove or rename the one that is there.' };
  if (busy.test(code)) return { code: 'not-ready', remedy: 'Wait until it is done with what it is doing.' };
  if (capacity.test(code)) {
    return {
      code: 'aws-capacity',
      remedy: 'AWS has none of that kind there now: another type or zone may have. Only a reservation is sure to.',
    };
  }
  // The token is one's own, so an earlier call took effect.
  if (/^Idempotent(ParameterMismatch|InstanceTerminated)$/.test(code)) {
    return { code: 'aws-done-before', remedy: 'Look at what the earlier call with the same token made.' };
  }
  if (quota.test(code)) return { code: 'aws-quota', remedy: 'Ask AWS for more (Service Quotas), or free some.' };
  if (code === 'InvalidChangeBatch') {
    return { code: 'aws-conflict', remedy: 'Somebody changed the record in the meantime: look at what it says now.' };
  }
  return { code: 'aws-refused', remedy: `See what ${call.service} ${call.operation} says about ${code}.` };
}
