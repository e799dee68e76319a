/**
 * Begins to install Chromium where it is missing, beside the other tests, which do not need it. The
 * tests of the studio wait for it (`open-studio.ts`).
 */
import { findChromium, openChromiumProgram } from './chromium.ts';

export default function setup(): void {
  if (findChromium() !== undefined) return;
  console.log('No Chromium on PATH: it is installed while the other tests run …');
  // Where it fails, the tests that need it say why.
  openChromiumProgram().catch(() => undefined);
}
