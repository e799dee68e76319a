/** Starts Chromium without a window, for pages that a test or a benchmark drives. */
import { chromium, type Browser } from 'playwright-core';
import { openChromiumProgram } from './chromium.ts';

/** Chromium's own connections to its maker's hosts are refused on closed machines. */
const args = [
  '--no-sandbox', // as root Chromium refuses to run with one
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names for examples lead to this machine.
  '--host-resolver-rules=MAP *.example 127.0.0.1, MAP kiln.example.com 127.0.0.1',
];

/** The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await openChromiumProgram(), args });
}
