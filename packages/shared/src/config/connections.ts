/**
 * How many connections to PostgreSQL each process opens at most, however many pools are configured.
 * `records/database/check-connections.ts` compares them with what the server allows.
 */
export interface ProcessConnections {
  records: number;
  /** What all queues share, where they are in PostgreSQL. */
  queues: number;
  /** Connections with one use: those that listen, take starts or search. */
  others: number;
}

/**
 * Lists of jobs that may read a whole table, in one API process (`services/jobs/job-searches.ts`).
 */
export const searchesAtOnce = 2;

export const processConnections = {
  api: { records: 10, queues: 2, others: 1 + searchesAtOnce },
  worker: { records: 10, queues: 8, others: 4 },
} as const satisfies Record<string, ProcessConnections>;

export function countConnections(
  { records, queues, others }: ProcessConnections,
  isQueueOnPostgres: boolean,
): number {
  return records + others + (isQueueOnPostgres ? queues : 0);
}
