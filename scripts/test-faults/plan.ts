/**
 * What is done to Kiln in a round, decided by the seed alone: the same seed gives the same blows in
 * the same order. When they fall is up to the machine.
 */

export type Blow =
  | { kind: 'kill-worker'; slot: number; elsewhere: boolean }
  | { kind: 'freeze-worker'; slot: number; leases: number }
  | { kind: 'kill-api' }
  | { kind: 'kill-postgres' }
  | { kind: 'kill-redis' }
  | { kind: 'flushall' }
  | { kind: 'cut'; link: 'database' | 'queue' | 'provider' | 'store' }
  | { kind: 'provider-fault'; fault: string; times: number };

export interface PlannedBlow {
  /** After the one before. */
  waitMs: number;
  blow: Blow;
}

export interface Round {
  jobs: number;
  blows: PlannedBlow[];
}

/**
 * So many workers run, one in each slot; one that dies is replaced in its slot, perhaps on another
 * machine.
 */
export const slots = 3;
export const killsARound = 12;
const jobsARound = 100;
const othersARound = 6;
const providerFaults = [
  'server error',
  'bad gateway',
  'gateway timeout',
  'unavailable without a hint',
  'request timeout',
  'reset',
  'close',
  'cut-answer',
  'no data',
  'cut base64',
  'azure capacity',
  'azure quota, hint in milliseconds',
  'azure filter, short form',
];

export type Random = () => number;

/** Mulberry32: small, and good enough to choose blows. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function isKill({ kind }: Blow): boolean {
  return (
    kind === 'kill-worker' ||
    kind === 'kill-api' ||
    kind === 'kill-postgres' ||
    kind === 'kill-redis'
  );
}

interface Plan {
  engine: 'postgres' | 'redis';
  store: 'file' | 's3' | 'azurite';
  jobs?: number;
  /** Blows that kill nobody. */
  others?: number;
}

/** Most kills are of workers; in each round the API and an engine die once as well. */
export function planRound(
  random: Random,
  { engine, store, jobs = jobsARound, others: otherBlows = othersARound }: Plan,
  kills: number,
): Round {
  const below = (limit: number) => Math.floor(random() * limit);
  const choose = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const killWorker = (): Blow => ({
    kind: 'kill-worker',
    slot: below(slots),
    elsewhere: random() < 0.2,
  });
  const rare: Blow[] = [
    { kind: 'kill-api' },
    engine === 'redis' && random() < 0.5 ? { kind: 'kill-redis' } : { kind: 'kill-postgres' },
  ];
  const links: ('database' | 'queue' | 'provider' | 'store')[] = ['database'];
  if (engine === 'redis') links.push('queue');
  links.push('provider');
  if (store !== 'file') links.push('store');
  const others: (() => Blow)[] = [
    () => ({ kind: 'freeze-worker', slot: below(slots), leases: 1.5 + random() * 1.5 }),
    () => ({
      kind: 'cut',
      link: choose(links),
    }),
    () => ({ kind: 'provider-fault', fault: choose(providerFaults), times: 1 + below(3) }),
    ...(engine === 'redis' ? [(): Blow => ({ kind: 'flushall' })] : []),
  ];
  const blows = [
    ...Array.from({ length: kills }, (_, index) => rare[index] ?? killWorker()),
    ...Array.from({ length: otherBlows }, () => choose(others)()),
  ];
  for (let last = blows.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [blows[last], blows[other]] = [blows[other] as Blow, blows[last] as Blow];
  }
  return { jobs, blows: blows.map((blow) => ({ waitMs: 150 + below(700), blow })) };
}
