/**
 * News of new items on Redis: a short stream of queue names that every process reads.
 *
 * BullMQ announces items to workers that block on their queue, one connection each. Here a producer
 * also writes the queue's name to one stream, and one connection a process blocks on that stream.
 * Unlike a published message, an entry that came while the reader was disconnected is read later.
 * After a reconnect the stream itself may have lost entries, so all queues are looked at then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '../deadline.ts';
import type { WarningLog } from '../logger.ts';
import type { RedisClient } from './redis-clients.ts';
import type { Wakes } from './wakes.ts';

/** The entries that a reader may miss while it is busy; after that it relies on looks. */
const keptEntries = 1_000;
/** How long one read blocks: short, so that a connection that died in silence is noticed soon. */
const blockMs = 5_000;
/** A read that takes this much longer is stuck on a dead connection. */
const blockSlackMs = 2_000;
const pauseAfterErrorMs = 500;

export function newsKey(prefix: string): string {
  return `${prefix}:news`;
}

export async function announceNews(
  client: RedisClient,
  prefix: string,
  queue: string,
): Promise<void> {
  await client.xadd(newsKey(prefix), 'MAXLEN', '~', keptEntries, '*', 'queue', queue);
}

/** Reads until `client` is closed by its owner. */
export function readNews(parts: {
  client: RedisClient;
  prefix: string;
  wakes: Wakes;
  closing: AbortSignal;
  outages: WarningLog;
}): void {
  const { client, prefix, wakes, closing, outages } = parts;
  const key = newsKey(prefix);
  /** null: unknown, or not to be trusted after a reconnect. */
  let lastId: string | null = null;
  client.on('ready', () => (lastId = null));

  async function readOnce(): Promise<void> {
    if (lastId === null) {
      const [newest] = await client.xrevrange(key, '+', '-', 'COUNT', 1);
      lastId = newest?.[0] ?? '0-0';
      wakes.wakeAll();
    }
    const from: string = lastId;
    const read = await withDeadline(blockMs + blockSlackMs, () =>
      client.xread('COUNT', keptEntries, 'BLOCK', blockMs, 'STREAMS', key, from),
    );
    if (read.status === 'late') {
      client.disconnect(true);
      return;
    }
    const entries = read.value?.[0]?.[1] ?? [];
    for (const queue of new Set(entries.map(([, fields]) => fields[1] ?? ''))) wakes.wake(queue);
    // A reconnect may have reset it meanwhile.
    if (lastId !== null) lastId = entries.at(-1)?.[0] ?? lastId;
  }

  async function readAll(): Promise<void> {
    while (!closing.aborted) {
      try {
        await readOnce();
      } catch (err) {
        if (closing.aborted) return;
        lastId = null;
        outages.warn({ err }, 'the news of the queues could not be read');
        await delay(pauseAfterErrorMs);
      }
    }
  }

  void readAll();
}
