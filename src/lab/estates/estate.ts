/** What an estate is: something to rehearse on, as it stands after years of operation. One file per estate. */
import type { World } from '../world.ts';

/** The account that everything in the lab belongs to. */
export const account = '000000000000';

export interface EstateOptions {
  /** How long WAL is under way to replicas in other regions, milliseconds. */
  replicaLagMs: number;
  /** Origin of the AWS endpoint: queue URLs are built on it. */
  origin: string;
}

/** What users and drills need to know to begin. */
export interface Built {
  /** Where users of the application go. */
  url: string;
  /** AWS_REGION for clients: where the events queue is. */
  region: string;
  /** Database login for drills, `user:password`. */
  login: string;
  /** Password of the role `drill_verifier`, which may read the tables of the order service. */
  verifierPassword: string;
  eventsQueueUrl: string;
}

export interface Estate {
  name: string;
  /** Resolves when every machine runs; health, metrics and alarms follow. */
  build(world: World, options: EstateOptions): Promise<Built>;
}
