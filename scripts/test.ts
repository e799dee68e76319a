/**
 * `npm test [-- --all | --quick] [<vitest arguments>]`: runs the tests, prints the seconds of each
 * tier and the ten slowest files, and ends with one line, `N passed, N failed`. `--all` runs every
 * file on both queue engines; `--quick` runs the unit tests, and the integration tests on one
 * engine. A file that cannot be loaded, a hook that fails and an error outside of any test count as
 * one failure each, so that the line never says 0 failed about a run that failed.
 * tests/support/engines/global-setup.ts provides the engines.
 */
import { relative } from 'node:path';
import { parseCLI, startVitest, type TestModule } from 'vitest/node';
import { matrixVariable, type Matrix } from '../tests/support/engines/engine-matrix.ts';
import { describeTimings, type FileTiming } from './test/timings.ts';

const given = process.argv.slice(2);
const matrix = readMatrixArgument();
const rest = given.filter((argument) => argument !== '--all' && argument !== '--quick');
if (matrix !== null) process.env[matrixVariable] = matrix;
if (matrix === 'quick') rest.push('--project', 'unit', '--project', 'integration');

const { filter, options } = parseCLI(['vitest', 'run', ...rest]);
const vitest = await startVitest(filter, { ...options, watch: false });

let passed = 0;
let failed = vitest.state.getUnhandledErrors().length;
const timings: FileTiming[] = [];
for (const module of vitest.state.getTestModules()) {
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') passed += 1;
    if (state === 'failed') failed += 1;
  }
  failed += countSuiteErrors(module);
  timings.push(timingOf(module));
}
await vitest.close();

console.log(describeTimings(timings));
if (passed + failed === 0) console.error('No test ran, and a run without tests fails.');
// Vitest also fails for reasons that are not in its state, such as engines that did not start.
if (failed === 0 && (passed === 0 || Number(process.exitCode ?? 0) !== 0)) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function readMatrixArgument(): Matrix | null {
  const [all, quick] = [given.includes('--all'), given.includes('--quick')];
  if (all && quick) throw new Error('--all and --quick exclude each other: give one of them');
  if (all) return 'all';
  return quick ? 'quick' : null;
}

function countSuiteErrors(module: TestModule): number {
  return [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
    .length;
}

function timingOf(module: TestModule): FileTiming {
  const { prepareDuration, environmentSetupDuration, collectDuration, setupDuration, duration } =
    module.diagnostic();
  const starts = [...module.children.allTests()].flatMap((test) => {
    const startedAt = test.diagnostic()?.startTime;
    return startedAt === undefined ? [] : [startedAt];
  });
  return {
    tier: module.project.name,
    file: relative(process.cwd(), module.moduleId),
    ms: prepareDuration + environmentSetupDuration + collectDuration + setupDuration + duration,
    startedAtMs: starts.length === 0 ? null : Math.min(...starts) - collectDuration,
  };
}
