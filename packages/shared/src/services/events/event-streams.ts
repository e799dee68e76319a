/**
 * Use cases of events: stream all events, those of a job or those of a batch, and list them in
 * pages. A stream resumes after the last event that its client has seen, from memory if the reader
 * still has the events and otherwise from the table. It ends when its job or batch has ended. The
 * routes of `apps/api/src/routes/events.ts` call these; `write-events.ts` formats the streams.
 */
import type { Config } from '../../config.ts';
import { isTerminal } from '../../domain/job-state.ts';
import { hasEnded } from '../../domain/batch-state.ts';
import { KilnError } from '../../errors.ts';
import {
  findPosition,
  readEventsAfter,
  readPageAfter,
  type EventFilter,
  type EventRow,
} from '../../records/events/event-log.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Event, EventType } from '../../schemas/event.ts';
import type { EventPage, EventReader } from './event-reader.ts';
import type { Sequencer } from './sequencer.ts';
import { silenceMs } from './server-sent-events.ts';
import { toEvent, writePages } from './write-events.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse } from '../find-or-refuse.ts';
import { requireJob } from '../require-job.ts';
import { findBatch } from '../../records/batches/batches.ts';
import { cutText } from '../../schemas/text.ts';

export interface EventDeps {
  config: Pick<Config, 'keepEventsDays'>;
  db: Database;
  reader: EventReader;
  sequencer: Sequencer;
}

export interface EventChoice {
  types?: readonly EventType[] | undefined;
  job_id?: string | undefined;
  batch_id?: string | undefined;
}

/** `over`: the client has received every event, and there will be no more. */
export type EventStream = { status: 'open'; body: AsyncIterable<Buffer> } | { status: 'over' };

/** How a client resumes a stream. */
export interface Resumption {
  /** Id of the last event, or the last event cursor, that the client has seen. */
  lastEventId: string | null;
  /** The header or query parameter that contained the id, for errors. */
  param: string;
  /** Aborts when the client disconnects or the process is asked to stop. */
  signal: AbortSignal;
}

const readSize = 500;

/** Streams new events, or those after the last one seen. Throws `event_gone`. */
export async function streamEvents(
  deps: EventDeps,
  { projectId }: Caller,
  choice: EventChoice,
  resumption: Resumption,
): Promise<EventStream> {
  const after = await resume(deps, projectId, resumption);
  const filter = { projectId, types: choice.types, jobId: choice.job_id, batchId: choice.batch_id };
  return follow(deps, filter, after ?? 'now', resumption.signal, () => false);
}

/**
 * Streams the events of a job from the oldest one kept until the job ends. Throws `job_not_found`
 * and `event_gone`.
 */
export async function streamJobEvents(
  deps: EventDeps,
  { projectId }: Caller,
  jobId: string,
  resumption: Resumption,
): Promise<EventStream> {
  const { status } = await requireJob(deps.db, projectId, jobId);
  return streamToEnd(deps, { projectId, jobId }, isTerminal(status), resumption);
}

/**
 * Streams the events of a batch and of its jobs from the oldest one kept until the batch ends.
 * Throws `batch_not_found` and `event_gone`.
 */
export async function streamBatchEvents(
  deps: EventDeps,
  { projectId }: Caller,
  batchId: string,
  resumption: Resumption,
): Promise<EventStream> {
  const { status } = await findOrRefuse('batch', batchId, findBatch(deps.db, projectId, batchId));
  return streamToEnd(deps, { projectId, batchId }, hasEnded(status), resumption);
}

/**
 * Lists events, oldest first. Stops reading when the client disconnects. Throws `event_gone`.
 */
export async function listEvents(
  deps: EventDeps,
  { projectId }: Caller,
  choice: EventChoice & { after?: string | undefined; limit: number },
  hungUp: AbortSignal,
): Promise<{ events: Event[]; hasMore: boolean }> {
  const after = await findAfter(deps, projectId, choice.after ?? null, 'after');
  const filter = { projectId, types: choice.types, jobId: choice.job_id, batchId: choice.batch_id };
  const rows = await readPageAfter(deps.db, after, {
    limit: choice.limit + 1,
    filter,
    signal: hungUp,
  });
  return { events: rows.slice(0, choice.limit).map(toEvent), hasMore: rows.length > choice.limit };
}

async function streamToEnd(
  deps: EventDeps,
  filter: EventFilter & { projectId: string },
  isOver: boolean,
  resumption: Resumption,
): Promise<EventStream> {
  const after = (await resume(deps, filter.projectId, resumption)) ?? 0;
  if (!isOver) return follow(deps, filter, after, resumption.signal, (type) => isEnd(filter, type));
  // The end is committed, so after this call every event of the job or batch is readable.
  await deps.sequencer.stamp();
  const rest = await readEventsAfter(deps.db, after, { limit: readSize, filter });
  if (rest.length === 0) return { status: 'over' };
  return { status: 'open', body: writePages(readRest(deps.db, filter, rest), () => true) };
}

/** Resolves once the events can be read, so that earlier errors become an error answer. */
async function follow(
  { reader }: EventDeps,
  filter: EventFilter,
  after: number | 'now',
  signal: AbortSignal,
  isLast: (type: EventType) => boolean,
): Promise<EventStream> {
  const pages = await reader.follow(filter, after, { silenceMs, signal });
  return { status: 'open', body: writePages(pages, isLast) };
}

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled', 'expired', 'completed'];

/** Whether an event of this type is the last one, unless the job or batch is retried. */
function isEnd({ batchId }: EventFilter, type: EventType): boolean {
  const [kind, state = ''] = type.split('.');
  return kind === (batchId === undefined ? 'job' : 'batch') && ends.includes(state);
}

async function* readRest(
  db: Database,
  filter: EventFilter,
  first: EventRow[],
): AsyncGenerator<EventPage> {
  for (let events = first; ;) {
    const newest = events.at(-1);
    if (newest === undefined) return;
    const isNewest = events.length < readSize;
    yield { events, upTo: newest.position, isNewest };
    if (isNewest) return;
    events = await readEventsAfter(db, newest.position, { limit: readSize, filter });
  }
}

function resume(
  deps: EventDeps,
  projectId: string,
  { lastEventId, param }: Resumption,
): Promise<number | null> {
  return findAfter(deps, projectId, lastEventId, param);
}

async function findAfter(
  { db, reader, config }: EventDeps,
  projectId: string,
  id: string | null,
  param: string,
): Promise<number | null> {
  if (id === null) return null;
  const position = reader.positionOf(projectId, id) ?? (await findPosition(db, projectId, id));
  if (position !== undefined) return position;
  throw new KilnError(
    'event_gone',
    `${param}: event "${cutText(id, 100)}" does not exist or is older than ` +
      `${config.keepEventsDays} days, for which events are kept; read the current state and ` +
      'start a stream without it',
    { param },
  );
}
