/** The part of the address after `?`. What is not understood is left out. */

const views = ['jobs', 'webhooks', 'events'] as const;
type View = (typeof views)[number];

export const statuses = [
  'queued',
  'in_progress',
  'held',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
] as const;
export type Status = (typeof statuses)[number];

export const spans = ['1h', '24h', '7d'] as const;
export type Span = (typeof spans)[number];

export interface ActivitySearch {
  view?: View;
  /** Words of the prompt, or the id of a job or a batch. */
  q?: string;
  status?: Status;
  model?: string;
  /** Only what is younger. */
  span?: Span;
  /** The code of the job's error. */
  code?: string;
  /** What the caller of a batch called the row. */
  custom?: string;
  /** A pair of the metadata: `order=17`. */
  meta?: string;
}

const texts = ['q', 'model', 'code', 'custom', 'meta'] as const;

export function readSearch(raw: Record<string, unknown>): ActivitySearch {
  const view = views.find((each) => each === raw['view']);
  const status = statuses.find((each) => each === raw['status']);
  const span = spans.find((each) => each === raw['span']);
  const given = texts.map((name) => [name, readText(raw[name])] as const);
  return {
    ...(view === undefined ? {} : { view }),
    ...(status === undefined ? {} : { status }),
    ...(span === undefined ? {} : { span }),
    ...Object.fromEntries(given.filter(([, text]) => text !== undefined)),
  };
}

/** The router reads `?q=12` as a number. */
function readText(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text.slice(0, 200) : undefined;
}
