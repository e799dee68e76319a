/** What the list of batches is searched for; it is part of the address. */
export interface ListSearch {
  q?: string;
}

export function readListSearch({ q }: Record<string, unknown>): ListSearch {
  return typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {};
}
