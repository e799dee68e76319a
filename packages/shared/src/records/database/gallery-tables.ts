/**
 * The tables of images and of what the gallery keeps about them, as Kysely sees them (`schema.ts`).
 */
import type { Generated, JSONColumnType } from 'kysely';
import type { ImageFilter } from '../../schemas/gallery/image-filter.ts';
import type { BulkActionStatus } from '../../domain/gallery/bulk-action-state.ts';
import type {
  BulkActionError,
  BulkActionKind,
  BulkActionParams,
  BulkActionResult,
  ImageFailure,
} from '../../schemas/gallery/bulk-action.ts';

type Json<T extends object | null> = JSONColumnType<T>;

export interface ImageTable {
  job_id: string;
  index: number;
  project_id: string;
  attempt_no: number;
  object_key: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  /** Null: an earlier release stored the picture, and no archive has held it since. */
  crc32: number | null;
  /** Base64. Null: it cannot be made, or was not made yet. */
  thumbhash: Generated<string | null>;
  created_at: Generated<Date>;
  /** These are the job's, so that the wall reads one table. */
  batch_id: string | null;
  model: string | null;
  /** The job was an edit. */
  edited: Generated<boolean>;
  /** The job was made from a draft. */
  derived: Generated<boolean>;
  /** Its share of what the job cost. */
  cost_micros: number | null;
  /** 1 to 5. */
  rating: Generated<number | null>;
  starred: Generated<boolean>;
  trashed_at: Generated<Date | null>;
  /** The bulk action that put it in the trash. */
  trashed_by: Generated<string | null>;
  /** The bytes hold a C2PA manifest. Null: Kiln did not look. */
  c2pa: boolean | null;
}

export interface AlbumTable {
  id: string;
  project_id: string;
  name: string;
  /** The image that stands for the album. Null: its newest one does. */
  cover_job_id: string | null;
  cover_index: number | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

export interface AlbumImageTable {
  album_id: string;
  job_id: string;
  index: number;
  added_at: Generated<Date>;
}

export interface SelectionTable {
  id: string;
  project_id: string;
  /** Either a filter, with images that it leaves out, or the images themselves. */
  filter: Json<object | null>;
  except_ids: string[] | null;
  image_ids: string[] | null;
  count: number;
  created_at: Generated<Date>;
  expires_at: Date;
}

export interface BulkActionTable {
  id: string;
  project_id: string;
  action: BulkActionKind;
  params: Json<BulkActionParams>;
  selection_id: string | null;
  filter: Json<ImageFilter | null>;
  except_ids: string[] | null;
  image_ids: string[] | null;
  selected_at: Date;
  status: Generated<BulkActionStatus>;
  total: number;
  done_count: Generated<number>;
  failed_count: Generated<number>;
  /** The first failures. */
  failures: Generated<ImageFailure[]>;
  /** The last image that was done; of `image_ids`, how many were done. */
  cursor_job_id: Generated<string | null>;
  cursor_index: Generated<number | null>;
  run_no: Generated<number>;
  lease_expires_at: Generated<Date | null>;
  failed_runs: Generated<number>;
  lost_workers: Generated<number>;
  retry_at: Generated<Date | null>;
  request_id: string;
  error: Json<BulkActionError | null>;
  result: Json<BulkActionResult | null>;
  created_at: Generated<Date>;
  started_at: Generated<Date | null>;
  finished_at: Generated<Date | null>;
}
