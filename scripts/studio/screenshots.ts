/**
 * `npm run screenshots` makes the pictures of docs/images. It gives a running Kiln some work, whose
 * address is KILN_URL (default http://127.0.0.1:8080), and photographs pages of the studio while it
 * is done. Use a Kiln with the simulator and a data folder of its own:
 *
 *     KILN_DATA_DIR=/tmp/kiln-pictures KILN_RPM=40 npm start
 *
 * `npm run screenshots -- --all <folder>` photographs every page in both themes and languages, at
 * three widths, to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../../tests/support/browser/launch.ts';
import { fillKiln } from './screenshots/fill-kiln.ts';
import { photographAll, photographForDocs } from './screenshots/photograph.ts';

const url = process.env['KILN_URL'] ?? 'http://127.0.0.1:8080';
const {
  values: { all },
} = parseArgs({ options: { all: { type: 'string' } } });
const folder = all ?? join('docs', 'images');

mkdirSync(folder, { recursive: true });
const content = await fillKiln(url);
const browser = await launchChromium();
try {
  const photograph = all === undefined ? photographForDocs : photographAll;
  await photograph(browser, { url, folder, content });
} finally {
  await browser.close();
}
