/**
 * Measures five times a second how long a commit with a `NOTIFY` takes to arrive. Nothing in this
 * process can learn of an event sooner at that moment.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const betweenMs = 200;

export async function openBareNotices(databaseUrl: string) {
  const lateMs: number[] = [];
  const [writer, listener] = [new pg.Client(databaseUrl), new pg.Client(databaseUrl)];
  await Promise.all([writer.connect(), listener.connect()]);
  await writer.query('create table bare_notices (at timestamptz not null default now())');
  listener.on('notification', ({ payload }) =>
    lateMs.push(performance.timeOrigin + performance.now() - Number(payload)),
  );
  await listener.query('listen bare_notices');
  const closing = new AbortController();
  const written = (async () => {
    while (!closing.signal.aborted) {
      await writer.query(
        `with row as (insert into bare_notices default values returning at)
         select pg_notify('bare_notices', (extract(epoch from at)::float8 * 1000)::text) from row`,
      );
      await delay(betweenMs);
    }
  })();
  return {
    /** Resolves to the delays, in ms. */
    async close(): Promise<readonly number[]> {
      closing.abort();
      await written;
      await Promise.all([writer.end(), listener.end()]);
      return lateMs;
    },
  };
}
