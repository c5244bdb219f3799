/** S3 behind an endpoint, fresh for each test of the file that calls `useS3`, and the calls that tests make most. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach } from 'vitest';
import { memoryBodies, type Bodies } from '../../../../src/lab/services/s3/bodies.ts';
import { s3 } from '../../../../src/lab/services/s3/s3.ts';
import { serve, type LabService } from '../support/lab-service.ts';

export const Bucket = 'backups';
export let lab: LabService;
export let client: S3Client;
/** How many bodies are stored now. */
export let stored: () => number;

function counted(bodies: Bodies): Bodies {
  let count = 0;
  stored = () => count;
  return {
    async put(body) {
      const put = await bodies.put(body);
      count += 1;
      return put;
    },
    get: (id, start, end) => bodies.get(id, start, end),
    async remove(id) {
      await bodies.remove(id);
      count -= 1;
    },
  };
}

/** @param openBodies where each test's objects lie */
export function useS3(openBodies: () => Bodies | Promise<Bodies> = memoryBodies): void {
  beforeEach(async () => {
    lab = await serve(s3(counted(await openBodies())));
    client = new S3Client(lab.config({ region: 'us-east-1' }));
    await client.send(new CreateBucketCommand({ Bucket }));
  });
  afterEach(async () => {
    client.destroy();
    await lab.close();
  });
}

export const versioned = (Status: 'Enabled' | 'Suspended' = 'Enabled') =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

export const put = (Key: string, Body: string | Buffer, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

export const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  client.send(new GetObjectCommand({ Bucket, Key, ...more }));

export const content = async (Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string | undefined> =>
  (await get(Key, more)).Body?.transformToString();
