import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBackup } from '../../../src/actions/s3/find-backup.ts';
import type { ActionInput } from '../../../src/actions/action.ts';
import type { AwsCall } from '../../../src/aws/aws.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { buckets } from '../../../src/lab/services/s3/state.ts';
import type { TestLab } from '../support/lab.ts';
import { active, fastClock, openTestLab } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { crashEverywhere, doStep, inputFor, lookOnce, undoStep } from '../support/step.ts';

const bucket = 'orders-backups';
const noon = '2026-11-22T12:00:00.000Z';
const clock: Clock = {
  clockId: fastClock.clockId,
  monoNs: () => fastClock.monoNs(),
  wall: () => new Date(noon),
  sleep: (ms, signal) => fastClock.sleep(ms, signal),
};

let lab: TestLab;
async function openLab(): Promise<void> {
  lab = await openTestLab(async () => {});
  const { s3 } = lab.aws.in(active);
  await s3.createBucket({ Bucket: bucket });
  await s3.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } });
}
beforeEach(openLab);
afterEach(() => lab.close());

interface Given {
  body?: string;
  point?: string;
  storageClass?: 'GLACIER' | 'DEEP_ARCHIVE' | 'GLACIER_IR';
}

/** Writes an object as of a moment. @returns its version */
async function put(key: string, at: string, { body = 'data', point, storageClass }: Given = {}): Promise<string> {
  const { VersionId } = await lab.aws.in(active).s3.putObject({
    Bucket: bucket,
    Key: key,
    Body: Buffer.from(body),
    ContentLength: Buffer.byteLength(body),
    StorageClass: storageClass,
    ...(point !== undefined && { Metadata: { 'recovery-point': point } }),
  });
  buckets(lab.world)[bucket]!.objects[key]![0]!.modifiedAt = new Date(at).toISOString();
  return VersionId!;
}

async function remove(key: string, at: string): Promise<void> {
  await lab.aws.in(active).s3.deleteObject({ Bucket: bucket, Key: key });
  buckets(lab.world)[bucket]!.objects[key]![0]!.modifiedAt = new Date(at).toISOString();
}

async function setUp(params: JsonObject = {}, more: Partial<ActionInput> = {}): Promise<StepSetup> {
  const dumps = await lab.resolve('s3/objects', active, { bucket, prefix: 'nightly/' });
  return {
    lab,
    action: findBackup,
    params: { backups: 'dumps', ...params },
    targets: { dumps },
    more: { clock, begunAt: () => ({ clockId: 'fast', ns: '0', at: noon }), ...more },
  };
}

const find = async (params: JsonObject = {}, more?: Partial<ActionInput>): Promise<JsonObject> =>
  (await doStep(await setUp(params, more))).outputs;

describe('the newest backup', () => {
  test('is given with its version, region, size and the moment its data is from', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z');
    const version = await put('nightly/b.dump', '2026-11-22T02:00:00Z', { body: '12345' });
    const outputs = await find();
    expect(outputs).toMatchObject({
      url: `s3://orders-backups/nightly/b.dump?versionId=${version}&region=eu-central-1`,
      key: 'nightly/b.dump',
      sizeBytes: 5,
      recoveryPointAt: '2026-11-22T02:00:00.000Z',
    });
    const object = outputs['object'] as unknown as ResolvedTarget;
    expect(object).toMatchObject({ type: 's3/object', location: 'active', region: 'eu-central-1' });
    expect(object.items[0]!.facts).toEqual({
      bucket,
      key: 'nightly/b.dump',
      versionId: version,
      region: 'eu-central-1',
    });
    expect(outputs).not.toHaveProperty('manifest');
  });

  test('is the one with the newest data, not the one that was written last', async () => {
    await put('nightly/old.dump', '2026-11-22T05:00:00Z', { point: '2026-11-20T00:00:00Z' });
    await put('nightly/new.dump', '2026-11-22T04:00:00Z', { point: '2026-11-22T03:30:00Z' });
    await put('nightly/older.dump', '2026-11-22T03:00:00Z');
    expect(await find()).toMatchObject({ key: 'nightly/new.dump', recoveryPointAt: '2026-11-22T03:30:00.000Z' });
  });

  test('is neither a manifest, a checksum, a folder nor anything that was deleted', async () => {
    await put('nightly/good.dump', '2026-11-20T02:00:00Z');
    await put('nightly/deleted.dump', '2026-11-21T02:00:00Z');
    await remove('nightly/deleted.dump', '2026-11-21T03:00:00Z');
    await put('nightly/good.dump.manifest.json', '2026-11-22T02:00:00Z', { body: '{}' });
    await put('nightly/good.dump.sha256', '2026-11-22T02:00:00Z');
    await put('nightly/archive/', '2026-11-22T02:00:00Z', { body: '' });
    await put('other/better.dump', '2026-11-22T02:00:00Z');
    expect(await find()).toMatchObject({ key: 'nightly/good.dump' });
  });

  test('is found among more keys than one page holds', async () => {
    for (let n = 0; n < 1100; n += 1) {
      buckets(lab.world)[bucket]!.objects[`nightly/${String(n).padStart(4, '0')}`] = [
        {
          versionId: `v${n}`,
          modifiedAt: new Date(Date.parse('2026-10-01T00:00:00Z') + ((n * 7919) % 1100) * 60_000).toISOString(),
          parts: [],
          size: 1,
          etag: '""',
          headers: {},
          metadata: {},
          storageClass: 'STANDARD',
        },
      ];
    }
    const { key } = (await find()) as { key: string };
    expect((Number(key.slice('nightly/'.length)) * 7919) % 1100).toBe(1099);
  });

  test('stays the same one while it is brought back, whatever is written meanwhile', async () => {
    const version = await put('nightly/orders.dump', '2026-11-22T02:00:00Z');
    await put('nightly/orders.dump', '2026-11-22T12:00:01Z');
    await put('nightly/later.dump', '2026-11-22T13:00:00Z');
    expect((await find({ retrieve: 'true' }))['url']).toContain(version);
    expect((await find())['key']).toBe('nightly/later.dump');
  });

  test('is found in a bucket without versions', async () => {
    const { s3 } = lab.aws.in(active);
    await s3.createBucket({ Bucket: 'plain' });
    await s3.putObject({ Bucket: 'plain', Key: 'a b+ü.dump', Body: 'x' });
    const setup = await setUp();
    const plain = await lab.resolve('s3/objects', active, { bucket: 'plain' });
    const outputs = (await doStep({ ...setup, targets: { dumps: plain }, more: { clock: fastClock } })).outputs;
    expect(outputs['url']).toBe('s3://plain/a%20b%2B%C3%BC.dump?region=eu-central-1');
  });
});

describe('the manifest of a backup', () => {
  const key = 'nightly/orders.dump';
  const manifestKey = `${key}.manifest.json`;
  const manifest = (at: string, said: object = {}) => put(manifestKey, at, { body: JSON.stringify(said) });
  const given = async (params: JsonObject = {}): Promise<unknown> =>
    ((await find(params))['manifest'] as unknown as ResolvedTarget | undefined)?.items[0]!.facts['versionId'];
  const taken = (at: string) => ({ takenAt: at, tables: {} });

  test('is the one that was put after it and before the next one, whatever it says', async () => {
    await put(key, '2026-11-20T02:00:00Z');
    const first = await manifest('2026-11-20T02:00:01Z');
    await put(key, '2026-11-21T02:00:00Z');
    const second = await put(manifestKey, '2026-11-21T02:00:01Z', { body: 'no JSON at all' });
    expect(await given()).toBe(second);
    expect(await given({ date: '2026-11-20' })).toBe(first);
    const outputs = await find();
    expect((outputs['manifest'] as unknown as ResolvedTarget).items[0]!.facts).toMatchObject({
      bucket,
      key: manifestKey,
    });
  });

  test('is the corrected one, although the first one is nearer in time', async () => {
    await put(key, '2026-11-20T02:00:00Z');
    await manifest('2026-11-20T02:00:01Z', taken('2026-11-20T01:00:00Z'));
    const corrected = await manifest('2026-11-20T09:00:00Z', taken('2026-11-20T01:00:00Z'));
    expect(await given()).toBe(corrected);
    await put(key, '2026-11-21T02:00:00Z');
    const next = await manifest('2026-11-21T02:00:01Z', taken('2026-11-21T01:00:00Z'));
    const late = await manifest('2026-11-21T11:00:00Z', taken('2026-11-20T01:00:00Z'));
    expect(await given()).toBe(next);
    expect(await given({ date: '2026-11-20' })).toBe(late);
  });

  test('is not that of the version before, where its own was never written', async () => {
    await put(key, '2026-11-20T02:00:00Z');
    await manifest('2026-11-20T02:00:01Z', taken('2026-11-20T01:00:00Z'));
    await put(key, '2026-11-21T02:00:00Z');
    expect(await given()).toBeUndefined();
    expect(await find()).toMatchObject({ recoveryPointFrom: 'upload' });
  });

  test('is its own where manifests are put before their backups', async () => {
    const first = await manifest('2026-11-20T01:59:00Z', taken('2026-11-20T01:00:00Z'));
    await put(key, '2026-11-20T02:00:00Z');
    const second = await manifest('2026-11-21T01:59:00Z', taken('2026-11-21T01:00:00Z'));
    await put(key, '2026-11-21T02:00:00Z');
    expect(await given()).toBe(second);
    expect(await given({ date: '2026-11-20' })).toBe(first);
  });

  test('is the one that names its version, and none that names another', async () => {
    const version = await put(key, '2026-11-20T02:00:00Z');
    const own = await manifest('2026-11-20T02:00:01Z', {
      ...taken('2026-11-20T01:00:00Z'),
      backup: { versionId: version },
    });
    await manifest('2026-11-20T03:00:00Z', { ...taken('2026-11-20T01:00:00Z'), backup: { versionId: 'another' } });
    await manifest('2026-11-20T04:00:00Z', { ...taken('2026-11-20T01:00:00Z'), backup: { etag: '"another"' } });
    expect(await given()).toBe(own);
  });

  test('may name its bytes instead', async () => {
    await put(key, '2026-11-20T02:00:00Z', { body: 'x' });
    const etag = createHash('md5').update('x').digest('hex');
    const own = await manifest('2026-11-20T02:00:01Z', { backup: { etag } });
    await manifest('2026-11-20T03:00:00Z');
    expect(await given()).toBe(own);
  });

  test('is the one of the moment that the metadata says, where backups overlap', async () => {
    const overlapping = async (point: string, at: string) => {
      await put(key, at, { point });
      return manifest(at.replace(':00Z', ':01Z'), taken(point));
    };
    const first = await overlapping('2026-11-20T02:00:00Z', '2026-11-20T03:30:00Z');
    const second = await overlapping('2026-11-20T03:00:00Z', '2026-11-20T04:30:00Z');
    expect(await given()).toBe(second);
    await remove(key, '2026-11-20T05:00:00Z');
    const [, version] = buckets(lab.world)[bucket]!.objects[key]!.filter(({ deleteMarker }) => !deleteMarker);
    expect(await given({ key, version: version!.versionId })).toBe(first);
  });

  test('is found without being read where it is archived', async () => {
    await put(key, '2026-11-20T02:00:00Z');
    const archived = await put(manifestKey, '2026-11-20T02:00:01Z', { body: '{}', storageClass: 'GLACIER' });
    expect(await given()).toBe(archived);
  });
});

describe('another backup', () => {
  test('of a day is the newest of that day in UTC, by what its data is from, also when it was overwritten since', async () => {
    const evening = await put('nightly/orders.dump', '2026-11-21T00:20:00Z', { point: '2026-11-20T23:55:00Z' });
    await put('nightly/orders.dump', '2026-11-21T23:59:00Z');
    await put('nightly/morning.dump', '2026-11-20T06:00:00Z');
    const outputs = await find({ date: '2026-11-20' });
    expect(outputs).toMatchObject({ recoveryPointAt: '2026-11-20T23:55:00.000Z' });
    expect(outputs['url']).toContain(evening);
  });

  test('by its version is that one, whatever came after it', async () => {
    const version = await put('nightly/orders.dump', '2026-11-01T02:00:00Z');
    await put('nightly/orders.dump', '2026-11-02T02:00:00Z');
    await remove('nightly/orders.dump', '2026-11-03T02:00:00Z');
    expect((await find({ key: 'nightly/orders.dump', version }))['url']).toContain(version);
  });

  test('by its key is the current version of exactly that key', async () => {
    await put('nightly/orders', '2026-11-01T02:00:00Z');
    await put('nightly/orders.later', '2026-11-02T02:00:00Z');
    expect(await find({ key: 'nightly/orders' })).toMatchObject({ key: 'nightly/orders' });
  });

  test.each([
    [{ version: 'v' }, 'version needs key'],
    [{ version: 'v', key: 'k', date: '2026-11-21' }, 'keep one'],
    [{ pick: 'latest', date: '2026-11-21' }, 'keep one'],
    [{ tier: 'bulk' }, 'tier needs retrieve'],
    [{ date: '2026-13-45' }, 'no such day'],
    [{ date: 'yesterday' }, 'not a day'],
  ])('%o is not a selection: %s', (more, says) => {
    const { error } = findBackup.spec.params.safeParse({ backups: 'dumps', ...more });
    expect(error?.issues.map(({ message }) => message).join()).toContain(says);
  });
});

describe('what is no backup is told', () => {
  test('nothing under the prefix', async () => {
    await put('other/x.dump', '2026-11-22T02:00:00Z');
    await expect(find()).rejects.toMatchObject({
      code: 'backup-not-found',
      message: 'bucket orders-backups holds no backup under nightly/',
      found: 'no object at all',
    });
  });

  test('only what was deleted, and what is none', async () => {
    await put('nightly/x.dump', '2026-11-21T02:00:00Z');
    await remove('nightly/x.dump', '2026-11-21T03:00:00Z');
    await put('nightly/x.dump.manifest.json', '2026-11-21T02:00:00Z');
    await expect(find()).rejects.toMatchObject({ found: '2 objects that are none, 1 that were deleted' });
  });

  test('none of that day, no such version', async () => {
    await put('nightly/x.dump', '2026-11-21T02:00:00Z');
    await expect(find({ date: '2026-11-20' })).rejects.toThrow('no backup under nightly/ of 2026-11-20 (UTC)');
    await expect(find({ key: 'nightly/x.dump', version: 'nope' })).rejects.toThrow('no version nope of nightly/x.dump');
  });

  test('a newest one without a byte, instead of taking an older one in silence', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z');
    await put('nightly/b.dump', '2026-11-22T02:00:00Z', { body: '' });
    await expect(find()).rejects.toMatchObject({
      code: 'backup-empty',
      message: 'backup s3://orders-backups/nightly/b.dump of 2026-11-22 02:00:00 UTC has no bytes',
    });
  });

  test('more than can be looked through', async () => {
    const objects = buckets(lab.world)[bucket]!.objects;
    const late = new Date('2026-11-22T11:00:00Z').toISOString();
    for (let n = 0; n < 101; n += 1) {
      objects[`nightly/${n}`] = [
        {
          versionId: `v${n}`,
          modifiedAt: late,
          parts: [],
          size: 1,
          etag: '""',
          headers: {},
          metadata: { 'recovery-point': '2026-11-01T00:00:00Z' },
          storageClass: 'STANDARD',
        },
      ];
    }
    const looking = lookOnce(findBackup, inputFor(await setUp()));
    await expect(looking).rejects.toMatchObject({ code: 'backup-too-many' });
  });
});

describe('how old the data is', () => {
  const said = async (rpoMs?: number): Promise<string> => {
    const setup = await setUp({}, { rpoMs });
    const progress = await lookOnce(findBackup, inputFor(setup));
    expect(progress).toMatchObject({ done: true, check: { holds: true } });
    return (progress as { check: { said: string } }).check.said;
  };

  test('is said, and that it is beyond the RPO, which the objectives judge', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { point: '2026-11-21T02:00:00Z' });
    expect(await said()).toMatch(
      /^The data of nightly\/a.dump \(4 bytes\) is from 2026-11-21 02:00:00 UTC, 34 h ago\./,
    );
    expect(await said(36 * 3_600_000)).not.toContain('RPO');
    expect(await said(26 * 3_600_000)).toContain('That is more than the RPO of 26 h');
  });

  test('is not claimed to be known where only the time of the upload is', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z');
    expect(await said()).toBe(
      'The data of nightly/a.dump (4 bytes) was uploaded at 2026-11-21 02:00:00 UTC, 34 h ago. Nothing says when its data is from, neither metadata recovery-point nor a manifest: it is older than that. No manifest belongs to it: nightly/a.dump.manifest.json is not there.',
    );
    expect(await find()).toMatchObject({ recoveryPointFrom: 'upload' });
    await put('nightly/b.dump', '2026-11-21T03:00:00Z', { point: '2026-11-21T02:30:00Z' });
    expect(await said()).not.toContain('older');
    expect(await find()).toMatchObject({ recoveryPointFrom: 'metadata' });
  });

  test('comes with why the backup has no manifest: none, one of another version, or one taken later', async () => {
    const version = await put('nightly/a.dump', '2026-11-21T02:00:00Z', { point: '2026-11-21T02:00:00Z' });
    const beside = (body: object) =>
      put('nightly/a.dump.manifest.json', '2026-11-21T02:00:01Z', { body: JSON.stringify(body) });
    expect(await said()).toContain('No manifest belongs to it: nightly/a.dump.manifest.json is not there.');
    await beside({ takenAt: '2026-11-21T02:00:00Z', tables: {}, backup: { versionId: 'other' } });
    expect(await said()).toContain(
      'No manifest belongs to it: nightly/a.dump.manifest.json says that it is of another version, other.',
    );
    await beside({ takenAt: '2026-11-21T09:00:00Z', tables: {} });
    expect(await said()).toContain(
      'nightly/a.dump.manifest.json says that its data is from 2026-11-21 09:00:00 UTC, when this backup was there already.',
    );
    await beside({ takenAt: '2026-11-21T02:00:00Z', tables: {}, backup: { versionId: version } });
    expect(await said()).not.toContain('manifest');
  });

  test('comes with why the backup has no manifest: one of the backup before', async () => {
    await put('nightly/a.dump.manifest.json', '2026-11-20T02:00:00Z', { body: '{}' });
    await put('nightly/a.dump', '2026-11-20T03:00:00Z');
    await put('nightly/a.dump', '2026-11-21T03:00:00Z');
    expect(await said()).toContain('nightly/a.dump.manifest.json was written before the backup before this one.');
  });

  const takenAt = (at: string): Given => ({ body: JSON.stringify({ takenAt: at, tables: {} }) });

  test('is what its manifest says where its metadata says nothing, also among backups that were uploaded later', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { point: '2026-11-21T01:30:00Z' });
    await put('nightly/b.dump', '2026-11-21T05:00:00Z');
    await put('nightly/b.dump.manifest.json', '2026-11-21T05:00:01Z', takenAt('2026-11-21T01:00:00Z'));
    expect(await find()).toMatchObject({ key: 'nightly/a.dump' });
    await put('nightly/b.dump.manifest.json', '2026-11-21T06:00:00Z', takenAt('2026-11-21T01:45:00Z'));
    expect(await find()).toMatchObject({
      key: 'nightly/b.dump',
      recoveryPointAt: '2026-11-21T01:45:00.000Z',
      recoveryPointFrom: 'manifest',
    });
    expect(await said()).toContain('is from 2026-11-21 01:45:00 UTC, 34 h 15 min ago. Its manifest says so;');
  });

  test('is told to be in doubt where manifest and metadata are far apart; the metadata counts', async () => {
    await put('nightly/a.dump', '2026-11-21T05:00:00Z', { point: '2026-11-21T02:00:00Z' });
    await put('nightly/a.dump.manifest.json', '2026-11-21T05:00:01Z', takenAt('2026-11-21T02:04:00Z'));
    expect(await said()).not.toContain('wrong');
    await put('nightly/a.dump.manifest.json', '2026-11-21T05:00:02Z', takenAt('2026-11-20T02:00:00Z'));
    expect(await said()).toContain(
      'Its manifest says 2026-11-20 02:00:00 UTC, 24 h earlier: one of the two is wrong, and the metadata counts.',
    );
    expect(await find()).toMatchObject({ recoveryPointAt: '2026-11-21T02:00:00.000Z', recoveryPointFrom: 'metadata' });
  });

  test.each([
    ['2026-11-22T11:59:20Z', '40 s ago'],
    ['2026-11-22T10:30:00Z', '1 h 30 min ago'],
    ['2026-11-12T12:00:00Z', '10 d ago'],
  ])('of %s is said in fitting units: %s', async (at, words) => {
    await put('nightly/a.dump', at, { body: 'x'.repeat(104_849), point: at });
    expect(await said()).toContain(`(104.8 kB) is from ${at.slice(0, 10)} ${at.slice(11, 19)} UTC, ${words}.`);
  });

  test.each([['yesterday'], ['2026-11-23T00:00:00Z']])('"%s" is taken for no recovery point', async (point) => {
    await put('nightly/a.dump', '2026-11-22T02:00:00Z', { point });
    expect(await said()).toContain(`Its recovery-point "${point}" can't be one`);
    expect(await find()).toMatchObject({
      recoveryPointAt: '2026-11-22T02:00:00.000Z',
      recoveryPointFrom: 'upload',
    });
    await put('nightly/a.dump.manifest.json', '2026-11-22T02:00:01Z', takenAt('2026-11-22T01:00:00Z'));
    expect(await said()).toContain(`"${point}" can't be one: what its manifest says counts.`);
    expect(await find()).toMatchObject({ recoveryPointFrom: 'manifest' });
  });
});

describe('an archived backup', () => {
  test('is refused, in the plan already, with the hours that AWS takes', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'DEEP_ARCHIVE' });
    await expect(find()).rejects.toMatchObject({
      code: 'backup-archived',
      message: expect.stringContaining(
        'lies in DEEP_ARCHIVE: to bring it back takes AWS up to 12 h (standard)',
      ) as string,
      remedy: expect.stringContaining('retrieve: true') as string,
    });
    const { findings } = await findBackup.preview!(inputFor(await setUp()));
    expect(findings).toMatchObject([{ code: 'backup-found' }, { severity: 'refuse', code: 'backup-archived' }]);
  });

  test('is brought back when the drill says so, and read then; nothing has to be undone', async () => {
    const version = await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'GLACIER' });
    const asked: AwsCall[] = [];
    lab.onCall.after = (call) => void (call.operation === 'RestoreObject' && asked.push(call));
    const setup = await setUp({ retrieve: 'true', tier: 'bulk' });
    const journal = await doStep(setup);
    expect(journal.outputs).toMatchObject({ key: 'nightly/a.dump' });
    expect(asked.map(({ input }) => input)).toMatchObject([
      {
        Bucket: bucket,
        Key: 'nightly/a.dump',
        VersionId: version,
        RestoreRequest: { Days: 2, GlacierJobParameters: { Tier: 'Bulk' } },
      },
    ]);
    await undoStep(setup, journal);
    await doStep(setup);
    expect(asked).toHaveLength(1);
  });

  test('is waited for with a word of how long that takes', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'DEEP_ARCHIVE' });
    const [retrieve] = await findBackup.parts(inputFor(await setUp({ retrieve: 'true' })));
    if (retrieve?.shape !== 'change') throw new Error('it asks for something');
    const attempt = { key: 'k', signal: new AbortController().signal };
    expect(await retrieve.settled({ asked: true }, attempt)).toEqual({
      done: false,
      saw: 'AWS is bringing nightly/a.dump back from DEEP_ARCHIVE, which takes up to 12 h (standard)',
    });
  });

  test('is not brought back in a way that its archive does not have', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'DEEP_ARCHIVE' });
    const params = { retrieve: 'true', tier: 'expedited' };
    await expect(find(params)).rejects.toMatchObject({
      code: 'retrieval-tier',
      expected: expect.not.stringContaining('exp') as string,
    });
    const { findings } = await findBackup.preview!(inputFor(await setUp(params)));
    expect(findings).toMatchObject([
      {},
      { severity: 'warn', message: expect.stringContaining('no retrieval') as string },
    ]);
  });

  test('whose retrieval may take longer than the step is warned of', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'GLACIER' });
    const codes = async (timeoutMs: number) =>
      (await findBackup.preview!(inputFor(await setUp({ retrieve: 'true' }, { timeoutMs })))).findings.map(
        ({ code }) => code,
      );
    expect(await codes(300_000)).toEqual(['backup-found', 'retrieval-outlasts-step']);
    expect(await codes(6 * 3_600_000)).toEqual(['backup-found']);
  });

  test('that asked for its retrieval before a crash does not ask again', async () => {
    await lab.close();
    const crashes = await crashEverywhere(
      async () => {
        await openLab();
        await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'GLACIER' });
        return setUp({ retrieve: 'true' });
      },
      async (_, journal) => expect(journal.outputs).toMatchObject({ key: 'nightly/a.dump' }),
    );
    expect(crashes).toBe(3);
    await openLab();
  });

  test('whose archive is read at once needs nothing', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z', { storageClass: 'GLACIER_IR' });
    expect(await find()).toMatchObject({ key: 'nightly/a.dump' });
  });
});

describe('the plan', () => {
  test('says what it would take', async () => {
    await put('nightly/a.dump', '2026-11-21T02:00:00Z');
    const preview = await findBackup.preview!(inputFor(await setUp()));
    expect(preview.touches).toEqual(['arn:aws:s3:::orders-backups/nightly/*']);
    expect(preview.lacks).toEqual({
      manifest: 'No manifest belongs to nightly/a.dump: nightly/a.dump.manifest.json is not there.',
    });
    expect(preview.findings).toMatchObject([
      {
        severity: 'note',
        message: expect.stringContaining('nightly/a.dump (4 bytes) was uploaded at 2026-11-21') as string,
      },
    ]);
  });

  test('warns that there is nothing yet, and does not stop: a missing backup is a finding of the drill', async () => {
    const { findings } = await findBackup.preview!(inputFor(await setUp()));
    expect(findings).toMatchObject([{ severity: 'warn', code: 'backup-not-found' }]);
  });
});
