/**
 * COPY over a connection of `pg`, which speaks the messages but has no call for them: rows out of a table and into one, at the pace of
 * the slower side, so that memory stays flat whatever a table holds.
 */
import type { Socket } from 'node:net';
import { once } from 'node:events';
import type { Client, Submittable } from 'pg';

/** The parts of pg's connection that COPY needs; its types leave them out. */
interface CopyConnection {
  stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): boolean;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

/** What pg calls on the query that is active. */
interface CopyQuery {
  submit(connection: CopyConnection): void;
  handleCopyInResponse(connection: CopyConnection): void;
  handleCopyData(message: { chunk: Buffer }, connection: CopyConnection): void;
  handleCommandComplete(message: { text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error, connection: CopyConnection): void;
}

/** Rows are put together to pieces of this size, bytes. */
const pieceBytes = 256 * 1024;

const run = (client: Client, query: CopyQuery): void => void client.query(query as unknown as Submittable);
const rowsIn = ({ text }: { text: string }): number => Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);

/**
 * @param text `COPY ... TO STDOUT`
 * @param take gets the rows in pieces; the next one waits for it
 * @returns how many rows there were
 */
export function copyOut(client: Client, text: string, take: (piece: Buffer) => Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let held: Buffer[] = [];
    let bytes = 0;
    let rows = 0;
    let failure: unknown;
    let taking: Promise<void> = Promise.resolve();
    const pass = (connection?: CopyConnection) => {
      const piece = Buffer.concat(held);
      [held, bytes] = [[], 0];
      connection?.stream.pause();
      taking = taking
        .then(() => (failure === undefined ? take(piece) : undefined))
        .catch((error: unknown) => void (failure ??= error))
        .finally(() => connection?.stream.resume());
    };
    run(client, {
      submit: (connection) => connection.query(text),
      handleCopyInResponse: (connection) => connection.sendCopyFail('this is COPY TO'),
      handleCopyData({ chunk }, connection) {
        // The chunk is a view of the buffer that pg reads the next messages into.
        held.push(Buffer.from(chunk));
        bytes += chunk.length;
        if (bytes >= pieceBytes) pass(connection);
      },
      handleCommandComplete: (message) => void (rows = rowsIn(message)),
      // The last word: pg forgets a query that failed.
      handleError: reject,
      handleReadyForQuery() {
        if (bytes > 0) pass();
        void taking.then(() => (failure === undefined ? resolve(rows) : reject(failure as Error)));
      },
    });
  });
}

/** One COPY into a table: `write` rows, then `end`. */
export interface CopyIn {
  /** Resolves when more may come. @throws what the database refused */
  write(rows: Buffer): Promise<void>;
  /** @returns how many rows the database took */
  end(): Promise<number>;
}

/** @param text `COPY ... FROM STDIN`. Resolves when the database wants rows. */
export async function copyIn(client: Client, text: string): Promise<CopyIn> {
  let refused: Error | undefined;
  let rows = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const connection = await new Promise<CopyConnection>((resolve, reject) => {
    run(client, {
      submit: (each) => each.query(text),
      handleCopyInResponse: resolve,
      handleCopyData: () => undefined,
      handleCommandComplete: (message) => void (rows = rowsIn(message)),
      // The last word: pg forgets a query that failed.
      handleError(error) {
        refused = error;
        finish();
        reject(error);
      },
      handleReadyForQuery: () => finish(),
    });
  });
  const check = () => {
    if (refused) throw refused;
  };
  return {
    async write(piece) {
      check();
      connection.sendCopyFromChunk(piece);
      // Whatever ends the COPY ends the waiting too.
      if (connection.stream.writableNeedDrain) await Promise.race([once(connection.stream, 'drain'), finished]);
    },
    async end() {
      if (!refused) connection.endCopyFrom();
      await finished;
      check();
      return rows;
    },
  };
}
