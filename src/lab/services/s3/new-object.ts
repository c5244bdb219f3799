/** What PutObject and CreateMultipartUpload keep of a request besides its bytes. */
import { Readable } from 'node:stream';
import { AwsError } from '../../wire/handler.ts';

/** Members that come back as response headers. */
const kept = ['CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage', 'ContentType'] as const;

type Given = { [K in (typeof kept)[number]]?: string } & {
  Key?: string;
  Metadata?: Record<string, string>;
  StorageClass?: string;
};

/** @throws AwsError KeyTooLongError */
export function propertiesOf(given: Given): {
  headers: Record<string, string>;
  metadata: Record<string, string>;
  storageClass: string;
} {
  if (Buffer.byteLength(given.Key ?? '') > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long');
  const headers = kept.flatMap((name) => {
    // How the body travelled isn't part of the object.
    const value = name === 'ContentEncoding' ? given[name]?.replace(/,?\s*aws-chunked/, '') : given[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return {
    headers: { ContentType: 'application/octet-stream', ...Object.fromEntries(headers) },
    metadata: { ...given.Metadata },
    storageClass: given.StorageClass ?? 'STANDARD',
  };
}

/** The body of a request; the wire layer hands over streams. */
export const bodyOf = (body: unknown): Readable => (body instanceof Readable ? body : Readable.from([]));

/** @throws AwsError BadDigest where the bytes aren't what the caller sent */
export function checkDigest(md5: string, contentMd5: string | undefined): void {
  if (contentMd5 !== undefined && Buffer.from(contentMd5, 'base64').toString('hex') !== md5) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}
