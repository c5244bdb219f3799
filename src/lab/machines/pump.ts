/**
 * One direction of a proxied connection: bytes from one socket to another, with backpressure, that can be stopped and resumed
 * without losing any, and can be held for a while on their way.
 */
import type { Socket } from 'node:net';

export interface Pump {
  /** Stops or resumes reading and delivering. What the sender's kernel still holds waits there, as it does behind a dead network. */
  setOpen(open: boolean): void;
}

/** How long a chunk is under way, milliseconds. */
export type Hold = (chunk: Buffer) => number;

/**
 * @param hold what is held when the sender goes away is lost with it: it had not left the sender
 */
export function pump(from: Socket, to: Socket, hold: Hold = () => 0): Pump {
  let open = false;
  let held: { due: number; chunk: Buffer }[] = [];
  let timer: NodeJS.Timeout | undefined;

  const deliver = (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  };
  const flush = () => {
    clearTimeout(timer);
    if (!open) return;
    for (;;) {
      const [next] = held;
      if (next === undefined) return;
      const waitMs = next.due - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(flush, waitMs);
        return;
      }
      held.shift();
      deliver(next.chunk);
    }
  };
  from.pause();
  from.on('data', (chunk) => {
    const ms = hold(chunk);
    if (ms <= 0 && held.length === 0) {
      deliver(chunk);
      return;
    }
    held.push({ due: performance.now() + ms, chunk });
    if (held.length === 1) flush();
  });
  const drop = () => {
    held = [];
    clearTimeout(timer);
  };
  from.on('end', () => {
    drop();
    to.end();
  });
  from.on('close', drop);
  to.on('drain', () => {
    if (open) from.resume();
  });

  return {
    setOpen(wanted) {
      if (wanted === open) return;
      open = wanted;
      if (open && !to.writableNeedDrain) from.resume();
      if (!open) from.pause();
      flush();
    },
  };
}
