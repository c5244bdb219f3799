/** Rides out a short outage of the store: a restart, a failover of a managed server. Only for work that may be done twice. */
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = [20, 50, 100, 250, 500, 1000, 2000, 4000] as const;

/** The session broke or could not be made. The statement may or may not have taken effect. */
export function isConnectionLoss(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // 57P01 to 57P03: shutting down, crashed, starting up. 08: connection exception.
  if (/^(57P0[123]|08...|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code)) return true;
  return message.startsWith('Connection terminated') || message.startsWith('Client has encountered a connection error');
}

/** Does `work`, again after a lost connection, for about 8 s; then the last error is thrown. */
export async function ridingOut<T>(work: () => Promise<T>): Promise<T> {
  for (const waitMs of RETRY_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      await delay(waitMs);
    }
  }
  return work();
}
