/**
 * Runs `act` for every item, at most `atOnce` at a time.
 *
 * After a failure no further item is begun; the actions under way are awaited, so that none of them
 * still works when the caller goes on. Then the first error is thrown. The messages of later ones
 * are in its property `otherFailures`, which the log shows.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values(); // shared by all runners: each takes the next item
  const failures: unknown[] = [];
  const runner = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await act(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, runner));
  if (failures.length === 0) return;
  const [first, ...others] = failures;
  if (others.length > 0 && first instanceof Error)
    Object.assign(first, { otherFailures: others.map(String) });
  throw first;
}
