/**
 * Remembers values that are slow to read. A value is read again only after `readingShare` times as
 * long as reading it took, so that reading takes at most a twentieth of the time however often it
 * is asked for; a value that is read in a millisecond is never older than twenty.
 */
const readingShare = 20;
const maxRemembered = 1_000;

export function rememberByKey<Key, Value>(
  read: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const remembered = new Map<Key, { value: Promise<Value>; until: number }>();
  return (key) => {
    const last = remembered.get(key);
    if (last !== undefined && performance.now() <= last.until) return last.value;
    const startedAt = performance.now();
    const reading = { value: read(key), until: Number.POSITIVE_INFINITY };
    remembered.delete(key); // the newest is the last of the map
    remembered.set(key, reading);
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
    reading.value.then(
      () => {
        const tookMs = performance.now() - startedAt;
        reading.until = performance.now() + tookMs * readingShare;
      },
      () => (reading.until = Number.NEGATIVE_INFINITY),
    );
    return reading.value;
  };
}
