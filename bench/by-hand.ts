/**
 * What anybody would do without a drill, step by step: start an instance from the template, make a server, and copy the same rows out
 * of the same bucket through the same COPY in one transaction.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeSubnetsCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Client } from 'pg';
import { copyIn } from '../src/lab/programs/copydump/copy.ts';
import { localSettings } from '../src/lab/programs/local-postgres.ts';
import { locateBinaries } from '../src/postgres/binaries.ts';
import { initCluster, makeServerDir } from '../src/postgres/cluster.ts';
import { freePort, startServer } from '../src/postgres/server.ts';
import { after, before, copyText, roles } from './big-dump.ts';

/** Says when it began; the image has a command for presigned URLs. */
const reportBegin = (url: string): string => `#!/bin/sh
set -eu
date +%s%3N >"$HOME/began"
put-url "$HOME/began" '${url}'
`;

/** From the call to the first line of its user data, seconds. */
export async function startInstance(s3: S3Client, ec2: EC2Client, bucket: string): Promise<number> {
  const object = { Bucket: bucket, Key: `by-hand/${Date.now()}` };
  const userData = reportBegin(await getSignedUrl(s3, new PutObjectCommand(object)));
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:app', Values: ['orders'] }] }),
  );
  const from = Date.now();
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: 'orders-restore' },
      SubnetId: Subnets[0]!.SubnetId,
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(userData).toString('base64'),
    }),
  );
  let began: string | undefined;
  while (began === undefined) {
    await sleep(200);
    began = await s3.send(new GetObjectCommand(object)).then(
      ({ Body }) => Body?.transformToString(),
      () => undefined,
    );
  }
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [Instances[0]!.InstanceId!] }));
  return (Number(began) - from) / 1000;
}

/** Of the rows behind the URL, with initdb and start, seconds. */
export async function copyRows(dir: string, url: string, expected: number): Promise<number> {
  const binaries = await locateBinaries();
  await makeServerDir(dir, binaries);
  const from = performance.now();
  const data = `${dir}/postgres`;
  await initCluster({ binaries, dir: data, user: 'postgres', password: 'bench', durable: false });
  const [host, settings] = ['127.0.0.1', localSettings];
  const server = await startServer({ binaries, dir: data, host, port: await freePort(host), settings });
  try {
    await server.ready;
    const login = { user: 'postgres', password: 'bench', database: 'postgres' };
    const client = new Client({ host: server.host, port: server.port, ...login });
    await client.connect();
    try {
      await client.query('BEGIN');
      for (const statement of [...roles, ...before]) await client.query(statement);
      const copy = await copyIn(client, copyText);
      const [rows] = (await once(get(url), 'response')) as [IncomingMessage];
      for await (const piece of rows as AsyncIterable<Buffer>) await copy.write(piece);
      if ((await copy.end()) !== expected) throw new Error('the bare copy has other rows than the dump');
      for (const statement of [...after, 'COMMIT', 'ANALYZE']) await client.query(statement);
    } finally {
      await client.end();
    }
    return (performance.now() - from) / 1000;
  } finally {
    await server.stop('immediate');
  }
}
