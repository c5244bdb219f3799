/** Listing keys: prefix, delimiter, page. Shared by ListObjectsV2 and ListObjectVersions. */
import { AwsError } from '../../wire/handler.ts';

export interface Page<T> {
  items: T[];
  /** Prefixes that stand for all keys under them. */
  commonPrefixes: string[];
  truncated: boolean;
  /** Where the next page begins: after this item or prefix. */
  last: string;
}

/** In the order of S3: by the bytes of their UTF-8. */
export const byKey = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** @throws AwsError InvalidArgument where the size of a page isn't a whole number up to 1,000 */
export function pageOf<T>(
  all: readonly { key: string; item: T }[],
  { prefix, delimiter, max = 1_000 }: { prefix: string; delimiter: string; max?: number },
): Page<T> {
  if (!Number.isInteger(max) || max < 0) {
    throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  }
  const page: Page<T> = { items: [], commonPrefixes: [], truncated: false, last: '' };
  for (const { key, item } of all) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (common !== undefined && page.commonPrefixes.at(-1) === common) continue;
    if (page.items.length + page.commonPrefixes.length >= Math.min(max, 1_000)) {
      page.truncated = true;
      break;
    }
    if (common === undefined) page.items.push(item);
    else page.commonPrefixes.push(common);
    page.last = common ?? key;
  }
  return page;
}
