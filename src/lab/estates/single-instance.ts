/**
 * The design for 99 %: one instance runs the application and its database, and a script on it backs that up every night to a versioned
 * bucket, from which old backups go to Glacier. What is lost with the instance comes back from the bucket, onto a fresh instance.
 *
 *   www.orders.test --A--> orders: application :8080, Postgres :5432 --nightly--> s3://orders-backups/nightly/   eu-central-1
 *                          orders-restore (launch template): Postgres installed, nothing runs
 */
import { addBucket } from '../services/s3/state.ts';
import { addRole } from '../services/sts/state.ts';
import { s3PrefixListOf } from '../world/prefix-lists.ts';
import {
  createInstance,
  createLaunchTemplate,
  createRecord,
  createSecurityGroup,
  createSubnet,
  createVpc,
  createZone,
} from '../world/seed.ts';
import type { World } from '../world.ts';
import { account, type Estate } from './estate.ts';
import { createEventsQueue } from './events-queue.ts';
import { applicationEnv, fillOrders, ordersLogins } from './orders-data.ts';
import { keepVerifierPassword } from './orders-secrets.ts';
import { backupsBucket, takeBackups } from './single-instance-backups.ts';

const home = { account, region: 'eu-central-1' };
/** Where the store of events stands: not in the region of what is drilled. */
const elsewhere = { account, region: 'eu-west-1' };

const app = 'orders';
const httpPort = 8080;
const postgresPort = 5432;

export const singleInstance: Estate = {
  name: 'single-instance',
  async build(world, { origin }) {
    const network = layOut(world);
    addBucket(world, { ...home, name: backupsBucket, versioning: 'Enabled' });
    addRole(world, { account, name: 'firedrill' });
    const eventsQueueUrl = await createEventsQueue(world, elsewhere, origin);

    const template = createLaunchTemplate(world, home, {
      name: app,
      groups: [network.appGroup],
      program: 'orders-with-database',
      port: httpPort,
      furtherPorts: [postgresPort],
      env: { ...databaseEnv, ...backupEnv(origin) },
      tags: { Name: app, app },
    });
    const instance = await createInstance(world, home, { template, subnetId: network.subnetId });
    const name = `www.${app}.test`;
    const zone = createZone(world, home, { name: `${app}.test` });
    createRecord(zone, { name, type: 'A', ttl: 60, values: [instance.address] });
    // Machines that only remember hold no tables.
    if (world.machines.kind === 'real') await fillOrders({ address: instance.address, port: postgresPort });
    await takeBackups(world, home, instance.id);

    createLaunchTemplate(world, home, {
      name: `${app}-restore`,
      groups: [network.restoreGroup],
      subnetId: network.subnetId,
      program: 'restore-image',
      port: postgresPort,
      instanceProfile: `${app}-restore`,
      tags: { Name: `${app}-restore` },
    });
    keepVerifierPassword(world, home);
    const { drills, verifier } = ordersLogins;
    return {
      url: `http://${name}:${httpPort}`,
      region: elsewhere.region,
      login: `${drills.user}:${drills.password}`,
      verifierPassword: verifier.password,
      eventsQueueUrl,
    };
  },
};

/** One subnet; a group for the instance, and one for what is restored: it is reached by those who check it, and reaches S3 alone. */
function layOut(world: World): { subnetId: string; appGroup: string; restoreGroup: string } {
  const tags = { app };
  const { vpcId } = createVpc(world, home, { tags });
  const subnetId = createSubnet(world, home, { vpcId, zone: `${home.region}a`, tags: { ...tags, tier: 'app' } });
  // Operators, and the drills they run, reach databases from outside the region.
  const toDatabase = { port: postgresPort, cidr: '127.0.0.0/8' };
  const appGroup = createSecurityGroup(world, home, {
    vpcId,
    name: `${app}-app`,
    ingress: [{ port: httpPort, cidr: '0.0.0.0/0' }, toDatabase],
    tags,
  });
  const restoreGroup = createSecurityGroup(world, home, {
    vpcId,
    name: `${app}-restore`,
    description: 'Restored copies: they answer, and reach nothing but S3.',
    ingress: [toDatabase],
    egress: [{ port: 443, prefixListId: s3PrefixListOf(home) }],
    tags,
  });
  return { subnetId, appGroup, restoreGroup };
}

/** The application finds its database on its own instance. */
const { DB_HOST: _elsewhere, ...databaseLogin } = applicationEnv('');
const databaseEnv = {
  ...databaseLogin,
  DB_OWNER: ordersLogins.master.user,
  DB_OWNER_PASSWORD: ordersLogins.master.password,
};

/** What the backup script is told, and the credentials that an instance profile would give it. */
const backupEnv = (origin: string): Record<string, string> => ({
  BACKUP_BUCKET: backupsBucket,
  AWS_ENDPOINT_URL: origin,
  AWS_REGION: home.region,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'lab',
});
