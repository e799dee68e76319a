/** Opens the file of an existing batch, and the checks that its rows have to pass. */
import type { Routes } from '../../../models/routes.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import type { FileRow } from '../../../records/files/files.ts';
import type { Database } from '../../../records/database/open-records.ts';
import type { Encoding } from '../../../tabular/text/encodings.ts';
import type { KnownTable, RequestCheck } from '../../../tabular/table.ts';
import { openInput, type InputDeps, type InputTable } from './open-input.ts';
import { createAssessor, type RowChecks } from './read-rows.ts';
import { createSourceLookup } from './source-lookup.ts';
import { keepImages } from '../../edits/image-files.ts';
import { findDraftsOf } from '../../edits/find-drafts.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { TokenMemory } from '../../token-memory.ts';
import type { Endpoint } from '../../../domain/endpoints.ts';

interface CheckDeps {
  db: Database;
  store: ObjectStore;
  routes: Routes;
  tokenMemory: TokenMemory;
}

/**
 * @param makesJobs images that rows name become files; whether drafts exist was checked before
 */
export async function openRowChecks(
  { db, store, routes, tokenMemory }: CheckDeps,
  {
    project_id: projectId,
    source_files: names,
    options,
  }: Pick<BatchRow, 'project_id' | 'source_files' | 'options'>,
  { makesJobs }: { makesJobs: boolean } = { makesJobs: false },
): Promise<RowChecks> {
  return {
    assessor: createAssessor(routes, new Date(), await tokenMemory.read(), {
      asDrafts: options.as_drafts === true,
    }),
    sources: makesJobs
      ? createSourceLookup(db, projectId, names, [], keepImages({ db, store }, projectId))
      : createSourceLookup(db, projectId, names),
    findDrafts: makesJobs ? null : findDraftsOf(db, projectId),
  };
}

export function openBatchInput(
  deps: InputDeps,
  batch: Pick<BatchRow, 'options' | 'endpoint' | 'reading' | 'errors' | 'status'>,
  file: Pick<FileRow, 'object_key' | 'filename'>,
  {
    check,
    isTentative = false,
    signal,
  }: { check?: RequestCheck; isTentative?: boolean; signal?: AbortSignal } = {},
): Promise<InputTable> {
  const { object_key: objectKey, filename } = file;
  const endpoint = batch.endpoint as Endpoint;
  return openInput(
    deps,
    { objectKey, filename },
    { ...batch.options, endpoint, known: knownOf(batch), isTentative, signal },
    check,
  );
}

/** Facts of an accepted file; validation has read it to the end. */
function knownOf({
  reading,
  errors,
  status,
}: Pick<BatchRow, 'reading' | 'errors' | 'status'>): KnownTable | undefined {
  if (reading === null || status === 'failed') return undefined;
  return { encoding: reading.encoding as Encoding, isFaultless: errors === null };
}
