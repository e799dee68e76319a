/**
 * Plans the faults of a round from the seed alone: the same seed gives the same faults in the same
 * order. When they happen depends on the machine.
 */

export type Fault =
  | { kind: 'kill-worker'; slot: number; elsewhere: boolean }
  | { kind: 'freeze-worker'; slot: number; leases: number }
  | { kind: 'kill-api' }
  | { kind: 'kill-postgres' }
  | { kind: 'kill-redis' }
  | { kind: 'flushall' }
  | { kind: 'cut'; link: 'database' | 'queue' | 'provider' | 'store' }
  | { kind: 'provider-fault'; fault: string; times: number };

export interface PlannedFault {
  /** The wait since the fault before. */
  waitMs: number;
  fault: Fault;
}

export interface Round {
  jobs: number;
  faults: PlannedFault[];
}

/**
 * Number of workers, one in each slot. A dead worker is replaced in its slot, perhaps on another
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

/** Mulberry32 is small, and good enough to choose faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function isKill({ kind }: Fault): boolean {
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
  /** Number of faults that kill no process. */
  others?: number;
}

/** Most kills hit workers; each round also kills the API and an engine once. */
export function planRound(
  random: Random,
  { engine, store, jobs = jobsARound, others: otherFaults = othersARound }: Plan,
  kills: number,
): Round {
  const below = (limit: number) => Math.floor(random() * limit);
  const choose = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const killWorker = (): Fault => ({
    kind: 'kill-worker',
    slot: below(slots),
    elsewhere: random() < 0.2,
  });
  const rare: Fault[] = [
    { kind: 'kill-api' },
    engine === 'redis' && random() < 0.5 ? { kind: 'kill-redis' } : { kind: 'kill-postgres' },
  ];
  const links: ('database' | 'queue' | 'provider' | 'store')[] = ['database'];
  if (engine === 'redis') links.push('queue');
  links.push('provider');
  if (store !== 'file') links.push('store');
  const others: (() => Fault)[] = [
    () => ({ kind: 'freeze-worker', slot: below(slots), leases: 1.5 + random() * 1.5 }),
    () => ({
      kind: 'cut',
      link: choose(links),
    }),
    () => ({ kind: 'provider-fault', fault: choose(providerFaults), times: 1 + below(3) }),
    ...(engine === 'redis' ? [(): Fault => ({ kind: 'flushall' })] : []),
  ];
  const faults = [
    ...Array.from({ length: kills }, (_, index) => rare[index] ?? killWorker()),
    ...Array.from({ length: otherFaults }, () => choose(others)()),
  ];
  for (let last = faults.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [faults[last], faults[other]] = [faults[other] as Fault, faults[last] as Fault];
  }
  return { jobs, faults: faults.map((fault) => ({ waitMs: 150 + below(700), fault })) };
}
