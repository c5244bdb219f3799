/** Reads a paginated answer to its end. */

/** More pages than any target may have: an endpoint that pages for ever must not hang the plan. */
const maxPages = 200;

export async function allPages<T>(
  page: (token: string | undefined) => Promise<{ items: readonly T[]; next?: string }>,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const { items: more, next } = await page(token);
    items.push(...more);
    if (!next) return items;
    token = next;
  }
  return items;
}
