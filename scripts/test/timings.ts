/** What `npm test` says about the time it took. */
export interface FileTiming {
  tier: string;
  file: string;
  /** From loading the file to the end of its last hook. */
  ms: number;
  /** When the file began, since the epoch. null: none of its tests ran. */
  startedAtMs: number | null;
}

const filesShown = 10;

/** One line for each tier, and one for each of the slowest files. */
export function describeTimings(timings: readonly FileTiming[]): string {
  const tiers = Map.groupBy(timings, ({ tier }) => tier);
  const slowest = timings.toSorted((one, other) => other.ms - one.ms).slice(0, filesShown);
  return [
    'Seconds of each tier (from its first file to its last; the sum of its files):',
    ...[...tiers].map(
      ([tier, files]) =>
        '  ' +
        `${tier.padEnd(12)}${seconds(elapsedMs(files))}${seconds(files.reduce((sum, { ms }) => sum + ms, 0))}`,
    ),
    'Slowest files:',
    ...slowest.map(({ tier, file, ms }) => `  ${tier.padEnd(12)}${seconds(ms)}  ${file}`),
  ].join('\n');
}

function elapsedMs(files: readonly FileTiming[]): number {
  const ran = files.filter(({ startedAtMs }) => startedAtMs !== null);
  if (ran.length === 0) return 0;
  const starts = ran.map(({ startedAtMs }) => startedAtMs ?? 0);
  const ends = ran.map(({ startedAtMs, ms }) => (startedAtMs ?? 0) + ms);
  return Math.max(...ends) - Math.min(...starts);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`.padStart(10);
}
