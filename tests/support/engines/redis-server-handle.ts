export interface RedisServer {
  url: string;
  /** The process dies at once, as in a crash. */
  kill(): Promise<void>;
  /** Starts it again on the same port: empty, unless it was opened with `appendOnly`. */
  restart(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}
