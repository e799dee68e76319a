/**
 * `npm run models:check` compares the model table and the table of request fields with the types of
 * the installed `openai` package, and fails on what they do not know: a new model, parameter, value
 * or member of an answer. Part of `npm run check`, so an upgrade of the package cannot pass unread.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDifferences } from './models-check/compare.ts';

const sdk = join(import.meta.dirname, '..', 'node_modules', 'openai');
const { version } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8')) as {
  version: string;
};
const differences = findDifferences(readFileSync(join(sdk, 'resources', 'images.d.ts'), 'utf8'));
for (const difference of differences) console.log(difference);
if (differences.length > 0) {
  console.log(
    `The tables differ from openai ${version}: add what is new to packages/shared/src/models/` +
      'models.json or schemas/request-fields.ts, or to the ignored names of ' +
      'scripts/models-check/compare.ts with the reason.',
  );
  process.exit(1);
}
console.log(`The model table knows all that openai ${version} has.`);
