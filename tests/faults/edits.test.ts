/**
 * Edits under the same faults: the worker is killed while it sends the pictures, and while the
 * provider works on them; connections are cut in the middle of a body. What the provider has
 * received whole is the only thing that may have been paid.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../integration/worker/support.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openStage } from './rig/open-stage.ts';
import { createSnares } from './rig/snares.ts';
import { engineNames, promptMarker, type Stage } from './rig/stage.ts';

/** Of noise: half a megabyte that no encoder makes smaller, sent in many pieces. */
const edge = 400;
const picture = await sharp(randomBytes(edge * edge * 3), {
  raw: { width: edge, height: edge, channels: 3 },
})
  .png()
  .toBuffer();

async function uploadPicture(stage: Stage): Promise<string> {
  const form = new FormData();
  form.append('purpose', 'vision');
  form.append('file', new Blob([new Uint8Array(picture)]), 'noise.png');
  const response = await stage.request('/v1/files', { method: 'POST', body: form });
  return ((await response.json()) as { id: string }).id;
}

async function submitEdit(stage: Stage, fileId: string, name: string): Promise<string> {
  const response = await stage.request('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: `${promptMarker} ${name}`, images: [{ file_id: fileId }] }),
  });
  return ((await response.json()) as { id: string }).id;
}

/**
 * So fast that gaps are not judged: a process that has just begun needs longer for its first call
 * than for its second.
 */
const minute = { rpm: 600, minuteMs: 60_000 };

const callsOf = (stage: Stage, jobId: string) =>
  stage.ledger.entries().filter((entry) => entry.kiln_job_id === jobId);

describe.each(engineNames)('on %s', (engine) => {
  test('kill -9 while pictures are sent and while they are worked on: whole bytes, and no call that nobody explains', async () => {
    const stage = await openStage({ engine, ...minute, leaseMs: 1_000 });
    await stage.control('POST', 'faults', {
      fault: 'delay',
      prompt_contains: 'worked on',
      delay_ms: 4_000,
    });
    const fileId = await uploadPicture(stage);
    const provider = createSnares(stage.links.provider);
    const sent = await submitEdit(stage, fileId, 'being sent');
    const worked = await submitEdit(stage, fileId, 'being worked on');
    const snare = provider.set({ hold: 'before', texts: ['POST /v1/images/edits', sent] });
    const victim = await stage.startWorker('machine-1');
    await waitFor(() => snare.isCaught() && stage.ledger.tally().in_flight === 1, {
      what: 'one edit to be on its way, and one at the provider',
    });
    stage.harmCalls('answer-withheld');
    await stage.kill(victim);
    provider.cut();
    await stage.startWorker('machine-1');
    await stage.waitForCount('succeeded', 2);
    await waitFor(() => stage.ledger.tally().in_flight === 0, {
      what: 'the call of the dead worker to end',
    });
    await expectNoViolation(stage, [sent, worked]);
    expect(callsOf(stage, sent)).toHaveLength(1);
    expect(callsOf(stage, worked)).toHaveLength(2);
    for (const call of stage.ledger.entries())
      expect(call.source_sha256).toEqual([sha256(picture)]);
  });

  test('a picture that cannot be read costs neither a start nor an attempt, and its job waits until it can', async () => {
    const stage = await openStage({ engine, ...minute, leaseMs: 1_000 });
    const fileId = await uploadPicture(stage);
    const worker = await stage.startWorker('machine-1');
    // Where copies are made there is something that is no folder.
    const inTheWay = join(stage.spoolOf('machine-1'), '..', 'sources');
    writeFileSync(inTheWay, 'in the way');
    const id = await submitEdit(stage, fileId, 'waits');
    await waitFor(() => worker.output().includes('cannot be read yet'), {
      what: 'the worker to try',
    });
    expect(await stage.query('select from kiln.attempts')).toEqual([]);
    expect(stage.ledger.tally().calls).toBe(0);
    rmSync(inTheWay);
    await stage.waitForCount('succeeded', 1);
    await expectNoViolation(stage, [id]);
  });
});
