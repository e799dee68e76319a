import { defineConfig } from 'vitest/config';

/**
 * Integration, compatibility and fault tests share these workers. They wait more than they compute,
 * so more files run at a time than the machine of the target, two cores, has cores.
 */
const sharedWorkers = 6;

/** Starts the engines only for the tiers that need them, so that unit tests begin at once. */
const engines = {
  globalSetup: ['tests/support/engines/global-setup.ts'],
  setupFiles: ['tests/support/setup.ts'],
};

/**
 * These fault tests measure how far starts are apart, or let leases of a second lapse, so nothing
 * else runs beside them.
 */
const measuringFaults = ['tests/faults/pace/**/*.test.ts'];

export default defineConfig({
  test: {
    watch: false,
    passWithNoTests: false,
    reporters: ['default'],
    // Tests run the sources as production does: Node.js imports them and strips their types.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          // Unit tests change nothing outside of themselves; one module graph serves all of them.
          isolate: false,
          pool: 'threads',
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      tier('integration', {
        isolate: false,
        testTimeout: 180_000,
        hookTimeout: 180_000,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('compat', {
        isolate: false,
        testTimeout: 180_000,
        hookTimeout: 180_000,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('faults', {
        isolate: false,
        exclude: measuringFaults,
        testTimeout: 300_000,
        hookTimeout: 120_000,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('faults-measured', {
        include: measuringFaults,
        testTimeout: 300_000,
        hookTimeout: 120_000,
        maxWorkers: 2,
        groupOrder: 2,
      }),
      tier('e2e', {
        globalSetup: [...engines.globalSetup, 'tests/support/browser/global-setup.ts'],
        testTimeout: 90_000,
        hookTimeout: 300_000, // Chromium may have to be installed first
        isolate: false,
        maxWorkers: 1,
        groupOrder: 3,
      }),
    ],
  },
});

interface TierOptions {
  globalSetup?: string[];
  include?: string[];
  exclude?: string[];
  /** false: the files that one worker runs share a module graph, which saves loading it again. */
  isolate?: boolean;
  testTimeout: number;
  hookTimeout: number;
  maxWorkers: number;
  groupOrder: number;
}

function tier(name: string, { groupOrder, ...options }: TierOptions) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      ...engines,
      ...options,
      sequence: { groupOrder },
    },
  };
}
