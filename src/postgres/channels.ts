/** Names of the LISTEN channels in the store: who tells and who listens live in different stages. */

/** Every append to a run's log is announced here; the payload is the run's id. */
export const LOG_CHANNEL = 'firedrill_log';
