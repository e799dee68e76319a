/**
 * Enqueues batches that have work for a worker. A batch that could not be enqueued is found in the
 * records by the next `enqueueMissing`, seconds later.
 */
import type { WarningLog } from '../../logger.ts';
import { batchesQueue } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine } from '../../queue/queue-engine.ts';
import {
  findWorkItem,
  listBatchesToAdvance,
  renumberWorkItems,
  type BatchWorkItem,
} from '../../records/batches/batches.ts';
import type { Database } from '../../records/database/open-records.ts';
import { isUnavailable } from '../retry-limits.ts';

export interface BatchQueue {
  /** Returns at once and never throws: a failure is logged. */
  enqueue(batchId: string): void;
  /**
   * Enqueues every batch that has work and whose item the queue engine does not hold. Throws while
   * the engine is unreachable.
   */
  enqueueMissing(): Promise<void>;
  close(): Promise<void>;
}

export function createBatchQueue(parts: {
  db: Database;
  engine: QueueEngine;
  log: WarningLog;
}): BatchQueue {
  const { db, engine, log } = parts;
  const underWay = new Set<Promise<void>>();
  let producer: Producer<'batches'> | null = null;
  let isClosed = false;

  function open(): Producer<'batches'> {
    return (producer ??= engine.producer('batches', batchesQueue));
  }

  async function add(items: readonly BatchWorkItem[]): Promise<void> {
    if (isClosed || items.length === 0) return; // adding to a closed producer never settles
    await open().add(items.map((item) => ({ id: itemId(item), payload: { batchId: item.id } })));
  }

  /**
   * The engine holds the item of a dead worker for minutes. An item that the engine has lost, or
   * never received, is added with a new id.
   */
  async function enqueueMissing(): Promise<void> {
    const items = await listBatchesToAdvance(db);
    if (isClosed || items.length === 0) return;
    const held = await open().heldIds();
    const lost = items.filter((item) => !held.has(itemId(item)));
    await add(await renumber(lost));
  }

  /** A batch whose row the database refuses to change must not keep the others from their work. */
  async function renumber(items: readonly BatchWorkItem[]): Promise<BatchWorkItem[]> {
    try {
      return await renumberWorkItems(db, items);
    } catch (err) {
      if (isUnavailable(err)) throw err;
      const [item, ...others] = items;
      if (others.length === 0) {
        log.warn({ err, batchId: item?.id }, 'a batch could not be enqueued');
        return [];
      }
      const halves = [items.slice(0, items.length >> 1), items.slice(items.length >> 1)];
      return (await Promise.all(halves.map(renumber))).flat();
    }
  }

  async function addOne(id: string): Promise<void> {
    const item = await findWorkItem(db, id);
    if (item !== undefined) await add([item]);
  }

  return {
    enqueue(batchId) {
      const adding: Promise<void> = addOne(batchId)
        .catch((err: unknown) =>
          log.warn(
            { err, batchId },
            'could not enqueue a batch; the next check of the records enqueues it',
          ),
        )
        .finally(() => underWay.delete(adding));
      underWay.add(adding);
    },
    enqueueMissing,
    async close() {
      isClosed = true;
      await Promise.all(underWay);
      await producer?.close();
    },
  };
}

function itemId({ id, lease_no: no }: BatchWorkItem): string {
  return `${id}-${no}`;
}
