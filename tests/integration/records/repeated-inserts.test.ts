/**
 * A keyed insert is repeated when its connection is lost before the commit is confirmed. The first
 * answer of that request is no replay; a later request with the key gets one.
 */
import { buildId } from '@kiln/shared/ids';
import { insertBatch } from '@kiln/shared/records/batches/batches';
import { insertFile } from '@kiln/shared/records/files/files';
import type { CreateOutcome } from '@kiln/shared/records/idempotency-keys';
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { insertEndpoint } from '@kiln/shared/records/webhooks/webhook-endpoints';
import { expect, test } from 'vitest';
import { buildJob, openTestRecords, routes } from './support.ts';

const { db } = await openTestRecords();
const intake = createJobIntake(db, routes);
const keyed = (id: string) => ({ key: 'key', requestHash: 'hash', answer: { id } as never });

function insertFileRow(id: string, project: string) {
  const row = {
    id,
    project_id: project,
    purpose: 'batch' as const,
    filename: 'rows.csv',
    content_type: 'text/csv',
    bytes: 1,
    sha256: '',
    object_key: id,
    created_at: new Date(),
    expires_at: null,
    picture: null,
  };
  return insertFile(db, row, keyed(id));
}

async function insertBatchRow(id: string, project: string) {
  const fileId = `file_of_${project}`;
  await insertFileRow(fileId, project);
  const row = {
    id,
    project_id: project,
    endpoint: '/v1/images/generations',
    input_file_id: fileId,
    source_files: null,
    name: null,
    options: {} as never,
    metadata: {},
    deadline_at: null,
    request_id: 'req',
    created_at: new Date(),
  };
  return insertBatch(db, row, { ...keyed(id), key: 'batch' });
}

function insertEndpointRow(id: string, project: string) {
  const row = {
    id,
    project_id: project,
    url: 'https://receiver.example',
    events: [],
    description: null,
    secret: 'whsec_x',
    created_at: new Date(),
  };
  return insertEndpoint(db, row, 1, keyed(id));
}

const inserts: [string, (id: string, project: string) => Promise<CreateOutcome<never> | object>][] =
  [
    ['a job', (id, project) => intake.create(buildJob({ id, project_id: project }), keyed(id))],
    [
      'an edit',
      (id, project) => intake.createEdit(buildJob({ id, project_id: project }), keyed(id)),
    ],
    ['a file', insertFileRow],
    ['a batch', insertBatchRow],
    ['a webhook endpoint', insertEndpointRow],
  ];

test.each(inserts)(
  '%s is created by the repeated insert of its own request',
  async (what, insert) => {
    const project = what.replaceAll(' ', '_');
    const id = buildId('job');
    expect(await insert(id, project)).toEqual({ status: 'created' });
    expect(await insert(id, project)).toEqual({ status: 'created' });
    expect(await insert(buildId('job'), project)).toEqual({ status: 'replayed', answer: { id } });
  },
);
