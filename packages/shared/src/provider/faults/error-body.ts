/**
 * Reads the body of a provider's error response in any shape: OpenAI's, Azure's, an HTML page of a
 * gateway, or nothing. Never throws.
 */

export type ErrorBody = {
  /**
   * The complete message, empty if there is none. Shorten it with `cutMessage` before storing it.
   */
  message: string;
  /**
   * Normalised to lower-case letters and digits, so that one spelling matches `contentFilter` and
   * `content_filter`.
   */
  names: string[];
  param: string | null;
  /** null when the body does not mention a content filter. */
  filter: { stage: string | null; categories: string[] } | null;
};

const maxMessageCharacters = 1_000;
const maxNameCharacters = 100;
const maxCategories = 20;

type Fields = Record<string, unknown>;

export function readErrorBody(body: unknown): ErrorBody {
  if (typeof body === 'string') return { message: body, names: [], param: null, filter: null };
  const answer = toFields(body);
  const error =
    typeof answer.error === 'string' ? { message: answer.error } : toFields(answer.error ?? body);
  const inner = toFields(error.inner_error ?? error.innererror);
  const details = toFields(error.moderation_details);
  const filtered = [error, inner].flatMap((each) => filteredCategories(each));
  const named = Array.isArray(details.categories) ? details.categories.map(toText) : [];
  const categories = [...filtered, ...named].filter((name) => name !== null);
  const stage = toText(details.moderation_stage);
  return {
    message: typeof error.message === 'string' ? error.message : '',
    names: [error.code, error.type, inner.code]
      .map(toText)
      .filter((name) => name !== null)
      .map(normalise),
    param: toText(error.param),
    filter:
      stage === null && categories.length === 0
        ? null
        : { stage, categories: [...new Set(categories)].slice(0, maxCategories) },
  };
}

/** Shortens a message to 1,000 characters and removes those that PostgreSQL cannot store. */
export function cutMessage(message: string): string {
  return clean(message, maxMessageCharacters);
}

/** Reads Azure's `content_filter_results`, which has a verdict for each category. */
function filteredCategories(holder: Fields): string[] {
  const results = toFields(holder.content_filter_results ?? holder.content_filter_result);
  return Object.keys(results)
    .filter((category) => toFields(results[category]).filtered === true)
    .map((category) => clean(category, maxNameCharacters));
}

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clean(value, maxNameCharacters) : null;
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function clean(text: string, maxCharacters: number): string {
  return text.slice(0, maxCharacters).toWellFormed().replaceAll('\0', '');
}
