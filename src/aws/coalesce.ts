/**
 * One request for identical reads that are under way at the same time: parallel steps that poll the same resource share
 * AWS's token buckets. A read that began before a write is never shared with one that begins after it.
 */
export class Coalescer {
  readonly #underWay = new Map<string, Promise<unknown>>();

  /** @param scope service and place: what one write may concern */
  read<T>(scope: string, question: string, ask: () => Promise<T>): Promise<T> {
    const key = `${scope}\n${question}`;
    const known = this.#underWay.get(key);
    if (known) return known as Promise<T>;
    const asked = ask().finally(() => {
      if (this.#underWay.get(key) === asked) this.#underWay.delete(key);
    });
    this.#underWay.set(key, asked);
    return asked;
  }

  /** Something in the scope changes: reads from now on ask anew. */
  changed(scope: string): void {
    for (const key of this.#underWay.keys()) {
      if (key.startsWith(`${scope}\n`)) this.#underWay.delete(key);
    }
  }
}
