/** A processor runs the work items of one kind of queue. */
import type { Payload, QueueName } from '@kiln/shared/queue/catalogue';
import type {
  Consumer,
  ConsumerOptions,
  QueueEngine,
  WorkOutcome,
} from '@kiln/shared/queue/queue-engine';
import type { WorkerDeps } from './deps.ts';

/** Binds a queue to the processor of its kind, with its limits. */
export type QueueBinding = Pick<ConsumerOptions<QueueName>, 'queue' | 'concurrency'>;

export interface Processor {
  kind: QueueName;
  consume(engine: QueueEngine, binding: QueueBinding, deps: WorkerDeps): Consumer;
}

export function defineProcessor<Q extends QueueName>(
  kind: Q,
  run: (payload: Payload<Q>, deps: WorkerDeps) => Promise<WorkOutcome>,
  urgent?: {
    priorities: readonly number[];
    onWaiting: (waiting: number, queue: string, deps: WorkerDeps) => void;
  },
): Processor {
  return {
    kind,
    consume: (engine, binding, deps) =>
      engine.consume({
        ...binding,
        kind,
        run: (payload) => run(payload, deps),
        ...(urgent !== undefined && {
          urgent: {
            priorities: urgent.priorities,
            onWaiting: (waiting) => urgent.onWaiting(waiting, binding.queue, deps),
          },
        }),
      }),
  };
}

/**
 * Throws if a kind of queue has no processor, so that its items would wait for ever, or more than
 * one.
 */
export function checkProcessors(
  processors: readonly { kind: string }[],
  kinds: readonly string[],
): void {
  const mistakes = kinds.flatMap((kind) => {
    const count = processors.filter((processor) => processor.kind === kind).length;
    return count === 1
      ? []
      : [`the queue "${kind}" has ${count === 0 ? 'no processor' : `${count} processors`}`];
  });
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
}
