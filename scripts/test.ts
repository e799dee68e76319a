/**
 * `npm test [-- <vitest arguments>]`: runs the tests (tests/support/engines/global-setup.ts
 * provides the engines) and ends with one line, `N passed, N failed`. A file that cannot be loaded,
 * a hook that fails and an error outside of any test count as a failure each, so that the line
 * never says 0 failed about a run that failed.
 */
import { parseCLI, startVitest, type TestModule } from 'vitest/node';

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const vitest = await startVitest(filter, { ...options, watch: false });

let passed = 0;
let failed = vitest.state.getUnhandledErrors().length;
for (const module of vitest.state.getTestModules()) {
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') passed += 1;
    if (state === 'failed') failed += 1;
  }
  failed += countSuiteErrors(module);
}
await vitest.close();

if (passed + failed === 0) console.error('No test ran: a run that proves nothing fails.');
// What vitest counts as a failure and the loop above does not know, such as engines that did not
// start.
if (failed === 0 && (passed === 0 || Number(process.exitCode ?? 0) !== 0)) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function countSuiteErrors(module: TestModule): number {
  return [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
    .length;
}
