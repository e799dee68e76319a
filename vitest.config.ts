import { defineConfig } from 'vitest/config';

/**
 * Integration, compatibility and fault tests share these workers. They wait more than they compute,
 * so more files run at a time than the machine of the target, two cores, has cores.
 */
const sharedWorkers = 4;

/**
 * Limits end what hangs. They are no claim about speed: a machine may be several times slower than
 * the one that was used last.
 */
const limits = { testTimeout: 900_000, hookTimeout: 600_000 };

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
          ...limits,
          maxWorkers: 2,
        },
      },
      tier('integration', {
        isolate: false,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('compat', {
        isolate: false,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('faults', {
        isolate: false,
        exclude: measuringFaults,
        maxWorkers: sharedWorkers,
        groupOrder: 1,
      }),
      tier('faults-measured', {
        include: measuringFaults,
        maxWorkers: 2,
        groupOrder: 2,
      }),
      tier('e2e', {
        globalSetup: [...engines.globalSetup, 'tests/support/browser/global-setup.ts'],
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
  maxWorkers: number;
  groupOrder: number;
}

function tier(name: string, { groupOrder, ...options }: TierOptions) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      ...engines,
      ...limits,
      ...options,
      sequence: { groupOrder },
    },
  };
}
