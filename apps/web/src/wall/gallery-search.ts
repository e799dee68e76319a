/** What stands behind `?` in the gallery's addresses, and the filter of the API that it means. */
import type { ImageFilter } from '../api/images.ts';

export const views = ['pictures', 'batches', 'albums', 'trash', 'actions'] as const;
export type View = (typeof views)[number];

export const kinds = ['generated', 'edited', 'final'] as const;
export type Kind = (typeof kinds)[number];

/** `4+` is four or more, `4` exactly four. */
export const ratings = ['5', '4+', '3+', '2+', '1+', '1', '2', '3', '4', 'none'] as const;
export type Rating = (typeof ratings)[number];

export interface GallerySearch {
  /** Default: pictures. */
  view?: View;
  /** Words of the prompt. */
  q?: string;
  rating?: Rating;
  star?: true;
  /** An id, or `none`. */
  album?: string;
  batch?: string;
  job?: string;
  model?: string;
  kind?: Kind;
  /** `1024x1024` */
  size?: string;
  /** Days of the visitor's calendar, both included: `2026-11-30`. */
  from?: string;
  to?: string;
  /** What the caller of a batch called the row. */
  custom?: string;
  /** A pair of the metadata: `order=17`. */
  meta?: string;
}

export type FilterName = Exclude<keyof GallerySearch, 'view'>;

/** The order is that of the chips. */
export const filterNames = [
  'q',
  'rating',
  'star',
  'album',
  'batch',
  'job',
  'model',
  'kind',
  'size',
  'from',
  'to',
  'custom',
  'meta',
] as const satisfies readonly FilterName[];

const texts = ['q', 'album', 'batch', 'job', 'model', 'custom', 'meta'] as const;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** What is not understood is left out. */
export function readSearch(raw: Readonly<Record<string, unknown>>): GallerySearch {
  const given: Record<string, unknown> = {
    view: views.find((each) => each === raw['view']),
    rating: ratings.find((each) => each === readText(raw['rating'])),
    kind: kinds.find((each) => each === raw['kind']),
    star: raw['star'] === true ? true : undefined,
    size: matching(raw['size'], /^\d{2,5}x\d{2,5}$/),
    from: matching(raw['from'], day),
    to: matching(raw['to'], day),
    ...Object.fromEntries(texts.map((name) => [name, readText(raw[name])])),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The router reads `?q=12` as a number. */
function readText(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text.slice(0, 200) : undefined;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

/** What was typed may be an id: of a picture, a job, a batch or an album. */
export function searchFor(text: string | undefined): Partial<GallerySearch> {
  if (text === undefined) return {};
  const job = /^(job_\w+)(?:\/\d+)?$/.exec(text)?.[1];
  if (job !== undefined) return { job };
  if (/^batch_\w+$/.test(text)) return { batch: text };
  if (/^alb_\w+$/.test(text)) return { album: text };
  return { q: text };
}

export function filterOf(search: GallerySearch): ImageFilter {
  const { q, rating, star, album, batch, job, model, kind, size, from, to, custom, meta } = search;
  const [, key, value] = /^([^=]+)=(.*)$/.exec(meta ?? '') ?? [];
  const stars = Number.parseInt(rating ?? '', 10);
  const all: Record<string, unknown> = {
    q,
    rating: rating?.length === 1 ? stars : undefined,
    rating_min: rating?.length === 2 ? stars : undefined,
    unrated: rating === 'none' ? true : undefined,
    starred: star,
    album_id: album === 'none' ? undefined : album,
    no_album: album === 'none' ? true : undefined,
    batch_id: batch,
    job_id: job,
    model,
    edited: kind === 'edited' ? true : kind === 'generated' ? false : undefined,
    derived: kind === 'final' ? true : undefined,
    size,
    // The API leaves out the second that it is given.
    created_after: from === undefined ? undefined : startOfDay(from, 0) - 1,
    created_before: to === undefined ? undefined : startOfDay(to, 1),
    custom_id: custom,
    metadata: key === undefined || value === undefined ? undefined : { [key.trim()]: value.trim() },
    trashed: search.view === 'trash' ? true : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, each]) => each !== undefined));
}

/** Unix seconds, in the visitor's time zone. */
function startOfDay(text: string, daysLater: number): number {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
  return Math.floor(new Date(year, month - 1, date + daysLater).getTime() / 1_000);
}
