/**
 * A TCP proxy in front of a dependency, which can cut, slow or hold what passes through it. Both
 * directions of every connection pass a valve that obeys the current mode. It needs no test runner,
 * because scripts use it as well.
 */
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Transform } from 'node:stream';

export type ProxyMode =
  | { kind: 'pass' }
  /** The port is closed. Live connections stay; `cut` ends them. */
  | { kind: 'refuse' }
  /**
   * Accepts connections and delivers nothing in either direction. When the mode changes, it
   * delivers what it held, as a network does that heals.
   */
  | { kind: 'blackhole' }
  /** Delays every piece by this time. */
  | { kind: 'delay'; ms: number }
  /** Slows the answers down to this many bytes a second. */
  | { kind: 'throttle'; bytesPerSecond: number }
  /** Resets a connection when this many more bytes of answers have passed on it. */
  | { kind: 'truncate'; bytes: number };

/** `reset` sends RST to both sides. `half-close` ends the answers; the client may still write. */
export type Cut = 'reset' | 'half-close';

/** A piece of what passes through a connection, before it is delivered. */
export interface Piece {
  /** `up` is the direction to the dependency. */
  direction: 'up' | 'down';
  bytes: Buffer;
  /** The number of the connection; the same for all its pieces. */
  connection: number;
}

/**
 * Called with every piece before it is delivered. A promise holds the piece, and all behind it,
 * until it says whether the connection is cut or passes it on.
 */
export type Watcher = (piece: Piece) => void | Promise<'pass' | 'cut'>;

export interface Proxy {
  port: number;
  /** The URL of the target, leading through the proxy. */
  url: string;
  set(mode: ProxyMode): void;
  /** Leads new connections to another server; those that are open stay where they are. */
  leadTo(url: string): void;
  cut(how: Cut): void;
  /** Number of connections that clients hold open now. */
  openConnections(): number;
  /** null removes the watcher. */
  watch(watcher: Watcher | null): void;
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  target: Socket;
}

export async function startProxy(targetUrl: string): Promise<Proxy> {
  const url = new URL(targetUrl);
  let target = addressOf(url);
  const pairs = new Set<Pair>();
  let mode: ProxyMode = { kind: 'pass' };
  let changed = Promise.withResolvers<void>();
  let watcher: Watcher | null = null;
  let connections = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => undefined);
    const pair: Pair = {
      client,
      target: connect({ ...target, allowHalfOpen: true, noDelay: true }),
    };
    pairs.add(pair);
    const connection = (connections += 1);
    pair.target.on('error', () => client.resetAndDestroy());
    client.on('close', () => end(pair));
    pair.target.on('close', () => end(pair));
    client.pipe(createValve('up', connection, pair)).pipe(pair.target);
    pair.target.pipe(createValve('down', connection, pair)).pipe(client);
  });

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.target.destroy();
  }

  function reset(pair: Pair): void {
    pair.client.resetAndDestroy();
    pair.target.resetAndDestroy();
  }

  function createValve(direction: Piece['direction'], connection: number, pair: Pair): Transform {
    let cutIn: { mode: ProxyMode; bytes: number } | null = null;

    async function pass(valve: Transform, bytes: Buffer): Promise<void> {
      if ((await watcher?.({ direction, bytes, connection })) === 'cut') {
        reset(pair);
        return;
      }
      while (mode.kind === 'blackhole') await changed.promise;
      if (mode.kind === 'delay') await delay(mode.ms);
      if (mode.kind === 'throttle' && direction === 'down') return trickle(valve, bytes);
      if (mode.kind !== 'truncate' || direction === 'up') return void valve.push(bytes);
      if (cutIn?.mode !== mode) cutIn = { mode, bytes: mode.bytes };
      valve.push(bytes.subarray(0, cutIn.bytes));
      cutIn.bytes -= bytes.length;
      // Deliver first what was let through.
      if (cutIn.bytes <= 0) setImmediate(() => reset(pair));
    }

    async function trickle(valve: Transform, bytes: Buffer): Promise<void> {
      for (let offset = 0; offset < bytes.length;) {
        if (mode.kind !== 'throttle') return void valve.push(bytes.subarray(offset));
        const size = Math.max(1, Math.floor(mode.bytesPerSecond / ticksPerSecond));
        valve.push(bytes.subarray(offset, (offset += size)));
        const tick = delay(1_000 / Math.min(ticksPerSecond, mode.bytesPerSecond));
        await Promise.race([tick, changed.promise]);
      }
    }

    return new Transform({
      async transform(bytes: Buffer, _encoding, done) {
        await pass(this, bytes);
        done();
      },
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    port,
    url: url.href,
    set(next) {
      mode = next;
      if (mode.kind === 'refuse') server.close();
      else if (!server.listening) server.listen(port, '127.0.0.1');
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
    leadTo(next) {
      target = addressOf(new URL(next));
    },
    cut(how) {
      for (const pair of pairs) {
        if (how === 'reset') reset(pair);
        else pair.client.end();
      }
    },
    openConnections: () => pairs.size,
    watch: (next) => void (watcher = next),
    async close() {
      const closed = server.listening ? once(server, 'close') : null;
      server.close();
      for (const pair of pairs) end(pair);
      changed.resolve();
      await closed;
    },
  };
}

function addressOf(url: URL): { host: string; port: number } {
  return { host: url.hostname, port: Number(url.port || defaultPorts[url.protocol]) };
}

const ticksPerSecond = 20;
const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
};
