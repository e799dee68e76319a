/**
 * Identifiers: a prefix that names the kind, then a UUIDv7 (RFC 9562) without hyphens, so that ids
 * sort by time of creation.
 */
import { randomUUIDv7 } from 'node:crypto';

const separators = {
  job: '_',
  batch: '_',
  evt: '_',
  req: '_',
  wrk: '_',
  whe: '_',
  alb: '_',
  sel: '_',
  blk: '_',
  file: '-',
} as const;

export type IdKind = keyof typeof separators;

/** A new id such as `job_019f…`; ids of one kind sort by time of creation. */
export function buildId(kind: IdKind): string {
  return `${kind}${separators[kind]}${randomUUIDv7().replaceAll('-', '')}`;
}
