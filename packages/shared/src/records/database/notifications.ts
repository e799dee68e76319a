/**
 * Listens for notifications on a connection of its own while the process runs. A lost connection is
 * opened again. Notifications may have been missed meanwhile, so `onGap` is called then and once at
 * the start; the listener must read the records itself.
 */
import pg from 'pg';
import type { Logger } from '../../logger.ts';

const reconnectDelayMs = 1_000;

export interface Notifications {
  close(): Promise<void>;
}

/** A listener with the channels that it listens to. */
export interface Listener {
  channels: Readonly<Record<string, (payload: string) => void>>;
  onGap: () => void;
}

/** Combines listeners with different channels into one. */
export function listenTogether(listeners: readonly Listener[]): Listener {
  return {
    channels: Object.assign(
      {},
      ...listeners.map(({ channels }) => channels),
    ) as Listener['channels'],
    onGap() {
      for (const { onGap } of listeners) onGap();
    },
  };
}

export function listen(options: Listener & { databaseUrl: string; log: Logger }): Notifications {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function connect(): Promise<void> {
    const opened = new pg.Client({
      connectionString: options.databaseUrl,
      application_name: 'kiln-listener',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5_000,
    });
    client = opened;
    opened.on('notification', ({ channel, payload }) => options.channels[channel]?.(payload ?? ''));
    // Listen to every error: a connection that is cut may emit two, and an unhandled one ends the
    // process.
    opened.on('error', (err) => {
      options.log.warn({ err }, 'the notification connection was lost');
      void opened.end().catch(() => undefined); // it is broken already
    });
    opened.once('end', reconnect);
    try {
      await opened.connect();
      for (const channel of Object.keys(options.channels))
        await opened.query(`listen ${pg.escapeIdentifier(channel)}`);
      options.onGap();
    } catch (err) {
      options.log.warn({ err }, 'the notification connection could not be opened');
      await opened.end().catch(() => undefined); // it never was open
      reconnect();
    }
  }

  function reconnect(): void {
    if (closed || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, reconnectDelayMs);
  }

  void connect();
  return {
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await client?.end().catch(() => undefined); // a broken connection is closed as well
    },
  };
}
