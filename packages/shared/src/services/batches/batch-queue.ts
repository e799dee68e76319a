/**
 * Tells the workers that there may be something to do for a batch. What is not told is found in the
 * records, seconds later.
 */
import type { Logger } from '../../logger.ts';
import { batchesQueue } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine } from '../../queue/queue-engine.ts';
import {
  findTurn,
  listBatchesToAdvance,
  renewTurns,
  type BatchTurn,
} from '../../records/batches/batches.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface BatchQueue {
  /** Never throws and waits for nothing: a failure is logged. */
  enqueue(batchId: string): void;
  /**
   * Adds every batch that a worker has something to do for, and whose item the engine does not
   * hold. Throws while an engine is away.
   */
  enqueueMissing(): Promise<void>;
  close(): Promise<void>;
}

export function createBatchQueue(parts: {
  db: Database;
  engine: QueueEngine;
  log: Logger;
}): BatchQueue {
  const { db, engine, log } = parts;
  const underWay = new Set<Promise<void>>();
  let producer: Producer<'batches'> | null = null;
  let isClosed = false;

  function open(): Producer<'batches'> {
    return (producer ??= engine.producer('batches', batchesQueue));
  }

  async function add(turns: readonly BatchTurn[]): Promise<void> {
    if (isClosed || turns.length === 0) return; // a producer that is closed never answers
    await open().add(turns.map((turn) => ({ id: itemId(turn), payload: { batchId: turn.id } })));
  }

  /**
   * An item of a worker that died is held for minutes. What was lost with it, or never added, is
   * added by another id.
   */
  async function enqueueMissing(): Promise<void> {
    const turns = await listBatchesToAdvance(db);
    if (isClosed || turns.length === 0) return;
    const held = await open().heldIds();
    const lost = turns.filter((turn) => !held.has(itemId(turn)));
    await add(await renewTurns(db, lost));
  }

  async function addOne(id: string): Promise<void> {
    const turn = await findTurn(db, id);
    if (turn !== undefined) await add([turn]);
  }

  return {
    enqueue(batchId) {
      const adding: Promise<void> = addOne(batchId)
        .catch((err: unknown) =>
          log.warn(
            { err, batchId },
            'a batch could not be handed to the queue engine; it is found again',
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

function itemId({ id, lease_no: no }: BatchTurn): string {
  return `${id}-${no}`;
}
