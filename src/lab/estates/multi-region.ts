/**
 * The design for 99.99 %: an active and a passive region, each over three zones and each able to carry everything. Users reach the
 * active one by name; its Multi-AZ database is followed by a replica in the passive region, which is promoted when the active one
 * is lost.
 *
 *   www.orders.test --alias--> ALB, 6 instances, orders-db (Multi-AZ)     eu-central-1, active
 *                                                   | asynchronous
 *                              ALB, 6 instances, orders-db (replica)      eu-west-1, passive
 *
 * The active database has automated backups; both regions have what a copy is restored into.
 */
import { addBucket } from '../services/s3/state.ts';
import { addRole } from '../services/sts/state.ts';
import { createDbBackup, createDbInstance, createDbReplica, createRecord, createZone } from '../world/seed.ts';
import { refOf } from '../world/rds.ts';
import { account, type Estate } from './estate.ts';
import { createEventsQueue } from './events-queue.ts';
import { fillOrders, ordersDatabase, ordersLogins } from './orders-data.ts';
import { keepVerifierPassword } from './orders-secrets.ts';
import { layOutRegion } from './orders-region.ts';

const active = { account, region: 'eu-central-1' };
const passive = { account, region: 'eu-west-1' };

export const multiRegion: Estate = {
  name: 'multi-region',
  async build(world, { replicaLagMs, origin }) {
    const [home, away] = [layOutRegion(world, active), layOutRegion(world, passive)];
    const { hostedZoneId, dnsName } = home.balancer;
    createRecord(createZone(world, active, { name: 'orders.test' }), {
      name: 'www.orders.test',
      type: 'A',
      alias: { hostedZoneId, dnsName, evaluateTargetHealth: false },
    });
    addBucket(world, { ...active, name: 'orders-backups', versioning: 'Enabled' });
    addRole(world, { account, name: 'firedrill' });
    // Store, queue and orchestrator must not live in the region that is drilled.
    const eventsQueueUrl = await createEventsQueue(world, passive, origin);
    const databases = async () => {
      const { user: masterUser, password: masterPassword } = ordersLogins.master;
      const primary = await createDbInstance(world, active, {
        ...home.database,
        masterUser,
        masterPassword,
        database: ordersDatabase,
        multiAz: true,
      });
      // Machines that only remember hold no tables.
      if (world.machines.kind === 'real') await fillOrders(primary);
      const source = refOf(active, primary);
      await Promise.all([
        createDbReplica(world, passive, { ...away.database, source, delayMs: replicaLagMs }),
        createDbBackup(world, active, primary),
      ]);
    };
    await Promise.all([databases(), home.startInstances(), away.startInstances()]);
    for (const region of [active, passive]) keepVerifierPassword(world, region);
    const { user, password } = ordersLogins.drills;
    // The queue of events must not stand in the region that is lost, and queue URLs of a lab don't say their region.
    return {
      url: 'http://www.orders.test:8080',
      region: passive.region,
      login: `${user}:${password}`,
      verifierPassword: ordersLogins.verifier.password,
      eventsQueueUrl,
    };
  },
};
