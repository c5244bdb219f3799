/**
 * Signs one request to S3 into a URL. A PUT is signed without a checksum: the SDK's would be that of an empty body.
 * Source: S3 user guide, presigned URLs.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { FiredrillError } from '../domain/errors.ts';
import type { SignedRequest, SignedUrl } from './aws.ts';

/** Longest life of a URL that AWS allows, seconds. */
const longestS = 7 * 86_400;

/** @throws FiredrillError `aws-credentials` when there is nothing to sign with */
export async function signedUrl(
  client: S3Client,
  { method, bucket, key, versionId, forMs }: SignedRequest,
): Promise<SignedUrl> {
  const [{ getSignedUrl }, { GetObjectCommand, PutObjectCommand }] = await Promise.all([
    import('@aws-sdk/s3-request-presigner'),
    import('@aws-sdk/client-s3'),
  ]);
  const credentials = await client.config.credentials().catch((cause: Error) => {
    throw new FiredrillError('aws-credentials', `nothing to sign a URL with: ${cause.message}`, {
      remedy: 'Give AWS credentials: AWS_PROFILE, aws sso login, AWS_ACCESS_KEY_ID, or a role for this machine.',
      cause,
    });
  });
  const expiresIn = Math.min(longestS, Math.max(1, Math.ceil(forMs / 1000)));
  const url =
    method === 'GET'
      ? await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }), {
          expiresIn,
        })
      : await getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
  const sessionMs = (credentials.expiration?.getTime() ?? Infinity) - Date.now();
  return { url, goodForMs: Math.min(expiresIn * 1000, sessionMs) };
}
