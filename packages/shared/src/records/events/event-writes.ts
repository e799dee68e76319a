/**
 * Notices on a connection that events have been written, once that is committed: whoever gives them
 * their positions is told in the process that wrote them, which costs the server nothing. (A
 * notification in every transaction would make all their commits wait for each other.) A process
 * that dies before it has told is covered by the others, seconds later.
 */
import type { PoolClient } from 'pg';

type Query = (config: unknown, ...rest: unknown[]) => Promise<unknown> | undefined;

export function noticeEvents(client: PoolClient, onWritten: () => void): void {
  const query = client.query.bind(client) as Query;
  let isOpen = false;
  let hasWritten = false;

  function note(text: string): void {
    if (/^\s*(?:begin|start transaction)\b/i.test(text)) isOpen = true;
    if (text.includes('into kiln.events')) hasWritten = true;
    if (/^\s*(?:commit|rollback)\s*;?\s*$/i.test(text)) isOpen = false;
    if (isOpen || !hasWritten) return;
    hasWritten = false;
    onWritten();
  }

  const noticing: Query = (config, ...rest) => {
    const text =
      typeof config === 'string' ? config : (config as { text?: string } | undefined)?.text;
    if (text === undefined) return query(config, ...rest);
    const callback = rest.at(-1);
    if (typeof callback !== 'function')
      return query(config, ...rest)?.then((result) => {
        note(text);
        return result;
      });
    const noted = (error: unknown, result: unknown): void => {
      if (error === null || error === undefined) note(text);
      (callback as (error: unknown, result: unknown) => void)(error, result);
    };
    return query(config, ...rest.slice(0, -1), noted);
  };
  client.query = noticing as typeof client.query;
}
