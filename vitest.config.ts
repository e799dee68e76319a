import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Two files at a time: every file of these tiers drives a PostgreSQL and a Redis besides itself.
 */
const maxWorkers = Math.min(2, availableParallelism());

/** The engines are started for the tiers that need them, so that unit tests start at once. */
const engines = {
  globalSetup: ['tests/support/engines/global-setup.ts'],
  setupFiles: ['tests/support/setup.ts'],
};

export default defineConfig({
  test: {
    watch: false,
    passWithNoTests: false,
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          isolate: false,
          pool: 'threads',
          testTimeout: 60_000,
          maxWorkers,
        },
      },
      tier('integration', { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers, groupOrder: 1 }),
      tier('compat', { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers, groupOrder: 1 }),
      // One at a time: these kill engines and measure what happens then.
      tier('faults', { testTimeout: 300_000, hookTimeout: 120_000, maxWorkers: 1, groupOrder: 2 }),
    ],
  },
});

interface TierOptions {
  testTimeout: number;
  hookTimeout: number;
  maxWorkers: number;
  groupOrder: number;
}

function tier(name: string, { groupOrder, ...limits }: TierOptions) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      ...engines,
      ...limits,
      sequence: { groupOrder },
    },
  };
}
