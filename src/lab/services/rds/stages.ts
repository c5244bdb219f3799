/**
 * Operations of RDS that take time, as lists of stages: which status is seen for how long, and what happens at its end. An
 * operation is accepted at once; its first status is seen only a moment later where AWS does so, and until then the old one
 * reads on. After the last stage the instance is `available` again.
 *
 *   accepted --lag--> [status, for a while, effect] -> ... -> available
 *
 * Source: RDS user guide, "Viewing Amazon RDS DB instance status".
 */
import type { JsonObject } from '../../../domain/json.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';
import { rdsState } from '../../world/rds.ts';
import type { DbInstance } from '../../world/rds.ts';

export interface Stage {
  status: string;
  /** Duration on AWS, milliseconds. */
  awsMs: number;
  /** At the end of the stage. */
  effect?(world: World, scope: Scope, db: DbInstance, args: JsonObject): void | Promise<void>;
}

export interface Operation {
  name: string;
  /** How long the old status reads on, on AWS, milliseconds; 0 changes it with the call. */
  lagMs: number;
  /** Stages for this instance and these arguments. */
  stages(db: DbInstance, args: JsonObject): readonly Stage[];
  /** Status after the last stage. @default 'available' */
  ends?: string;
}

/** Accepts the operation: from now on other calls are refused. */
export function begin(world: World, scope: Scope, db: DbInstance, operation: Operation, args: JsonObject = {}): void {
  db.busy = operation.name;
  const [first] = operation.stages(db, args);
  if (operation.lagMs === 0 && first !== undefined) db.status = first.status;
  const timer = { id: db.resourceId, operation: operation.name, args };
  world.after(world.duration(operation.lagMs), 'rds.enter', scope, { ...timer, stage: 0 }, lane(db));
}

const lane = (db: DbInstance): string => `rds:${db.resourceId}`;

export function registerStages(world: World, operations: readonly Operation[]): void {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));

  /** What a timer is about; undefined when the instance is gone. */
  const read = (w: World, scope: Scope, timer: JsonObject) => {
    const db = rdsState(w, scope).instances[textArg(timer, 'id')];
    const operation = byName.get(textArg(timer, 'operation'));
    if (db === undefined || operation === undefined) return undefined;
    const args = timer['args'] as JsonObject;
    const number = Number(timer['stage']);
    return { db, operation, args, number, stage: operation.stages(db, args)[number] };
  };

  world.onTimer('rds.enter', (w, scope, timer) => {
    const found = read(w, scope, timer);
    if (found === undefined) return;
    const { db, operation, stage } = found;
    if (stage === undefined) {
      delete db.busy;
      db.status = operation.ends ?? 'available';
      return;
    }
    db.status = stage.status;
    w.after(w.duration(stage.awsMs), 'rds.leave', scope, timer, lane(db));
  });

  world.onTimer('rds.leave', async (w, scope, timer) => {
    const found = read(w, scope, timer);
    if (found === undefined) return;
    const { db, stage, args, number } = found;
    try {
      await stage?.effect?.(w, scope, db, args);
    } catch (error) {
      db.status = 'failed';
      delete db.busy;
      throw error;
    }
    w.after(0, 'rds.enter', scope, { ...timer, stage: number + 1 }, lane(db));
  });
}
