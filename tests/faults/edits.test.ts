/**
 * Edits under faults: the worker is killed while it sends pictures and while the provider works on
 * them, and connections are cut in the middle of a body. Only requests that the provider has
 * received whole may have been paid.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../integration/worker/support.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';
import { createWireHolds } from './rig/wire-holds.ts';
import { promptMarker, type FaultEnvironment } from './rig/environment.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';

/** A picture of noise, half a megabyte that no encoder makes smaller, sent in many pieces. */
const edge = 400;
const picture = await sharp(randomBytes(edge * edge * 3), {
  raw: { width: edge, height: edge, channels: 3 },
})
  .png()
  .toBuffer();

async function uploadPicture(environment: FaultEnvironment): Promise<string> {
  const form = new FormData();
  form.append('purpose', 'vision');
  form.append('file', new Blob([new Uint8Array(picture)]), 'noise.png');
  const response = await environment.request('/v1/files', { method: 'POST', body: form });
  return ((await response.json()) as { id: string }).id;
}

async function submitEdit(
  environment: FaultEnvironment,
  fileId: string,
  name: string,
): Promise<string> {
  const response = await environment.request('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: `${promptMarker} ${name}`, images: [{ file_id: fileId }] }),
  });
  return ((await response.json()) as { id: string }).id;
}

/**
 * Calls start so fast that the audit does not check the gaps between them, because the first call
 * of a new process takes longer than its second.
 */
const minute = { rpm: 600, minuteMs: 60_000 };

const callsOf = (environment: FaultEnvironment, jobId: string) =>
  environment.ledger.entries().filter((entry) => entry.kiln_job_id === jobId);

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('kill -9 during an edit: pictures arrive whole, and every call is explained', async () => {
    const environment = await openEnvironment({ engine, ...minute });
    await environment.control('POST', 'faults', {
      fault: 'delay',
      prompt_contains: 'worked on',
      delay_ms: 4_000,
    });
    const fileId = await uploadPicture(environment);
    const provider = createWireHolds(environment.links.provider);
    const sent = await submitEdit(environment, fileId, 'being sent');
    const worked = await submitEdit(environment, fileId, 'being worked on');
    const hold = provider.set({ hold: 'before', texts: ['POST /v1/images/edits', sent] });
    const victim = await environment.startWorker('machine-1');
    await waitFor(() => hold.isHolding() && environment.ledger.tally().in_flight === 1, {
      what: 'one edit to be on its way, and one at the provider',
    });
    environment.recordHarmedCalls('answer-withheld');
    await environment.kill(victim);
    provider.cut();
    await environment.startWorker('machine-1');
    await environment.waitForCount('succeeded', 2);
    await waitFor(() => environment.ledger.tally().in_flight === 0, {
      what: 'the call of the dead worker to end',
    });
    await expectNoViolation(environment, [sent, worked]);
    expect(callsOf(environment, sent)).toHaveLength(1);
    expect(callsOf(environment, worked)).toHaveLength(2);
    for (const call of environment.ledger.entries())
      expect(call.source_sha256).toEqual([sha256(picture)]);
  });

  test('a job whose picture cannot be read waits and costs no start or attempt', async () => {
    const environment = await openEnvironment({ engine, ...minute });
    const fileId = await uploadPicture(environment);
    const worker = await environment.startWorker('machine-1');
    // A file is in the place of the folder for copies.
    const inTheWay = join(environment.spoolOf('machine-1'), '..', 'sources');
    writeFileSync(inTheWay, 'in the way');
    const id = await submitEdit(environment, fileId, 'waits');
    await waitFor(() => worker.output().includes('cannot be read yet'), {
      what: 'the worker to try',
    });
    expect(await environment.query('select from kiln.attempts')).toEqual([]);
    expect(environment.ledger.tally().calls).toBe(0);
    rmSync(inTheWay);
    await environment.waitForCount('succeeded', 1);
    await expectNoViolation(environment, [id]);
  });
});
