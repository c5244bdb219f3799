/** Step events of runs to SQS: puts publisher, log and queue together. Without a queue nothing is sent and nothing waits. */
import { createAws } from '../aws/funnel.ts';
import { sqsQueue } from '../aws/queue.ts';
import { UsageError, reportOf } from '../domain/errors.ts';
import { countEvents as countInStore, preparePublishTables } from '../publish/cursors.ts';
import type { EventCounts } from '../publish/cursors.ts';
import { openPublisher as open } from '../publish/publisher.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { App } from './app.ts';

export type { Publisher };

export interface QueuePlace {
  url: string;
  /** In which it is reached: AWS_* of the lab, or the user's own. */
  env: NodeJS.ProcessEnv;
  /** It ends with the lab of the run. */
  ephemeral?: boolean;
}

const none: Publisher = {
  enrol: () => Promise.resolve(),
  drain: () => Promise.resolve(true),
  close: () => Promise.resolve(),
};

/** @throws UsageError `queue-url`, `queue-region` */
export const openQueue = (app: Pick<App, 'logger'>, { url, env }: QueuePlace) => {
  if (!isQueueUrl(url)) throw notAQueue(url);
  const aws = createAws({ env, logger: app.logger, runId: 'events' });
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  return { queue: sqsQueue(aws, url, region), close: () => aws.close() };
};

const isQueueUrl = (url: string): boolean => /^https?:\/\/[^/]+\/\d+\/[\w-]+(\.fifo)?$/.test(url);

const notAQueue = (url: string): UsageError =>
  new UsageError('queue-url', `${url} is not the URL of an SQS queue`, {
    expected: 'like https://sqs.eu-west-1.amazonaws.com/111122223333/firedrill.fifo',
    found: url,
    remedy: 'Put FIREDRILL_EVENTS_QUEUE_URL or --queue right.',
  });

export async function openPublisher(app: App, place: QueuePlace | undefined): Promise<Publisher> {
  await preparePublishTables(app.store.pool);
  if (!place) return none;
  const { queue, close } = openQueue(app, place);
  const publisher = open({
    pool: app.store.pool,
    connect: () => app.store.connect(),
    log: app.log,
    queue,
    onTrouble: (error) =>
      app.logger.warn({ error: reportOf(error), queue: place.url }, 'step events wait in the store'),
  });
  return {
    ...publisher,
    async close() {
      await publisher.close();
      close();
    },
  };
}

export async function countEvents(app: App, runId: string): Promise<EventCounts> {
  await preparePublishTables(app.store.pool);
  return countInStore(app.store.pool, runId);
}
