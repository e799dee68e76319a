/**
 * Builds a page of a list in OpenAI's shape.
 * @param continueAfter where the next page begins, unless that is the last item
 */
export function toList<T extends { id: string }>(
  data: T[],
  hasMore: boolean,
  continueAfter: string | null = null,
) {
  return {
    object: 'list' as const,
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: continueAfter ?? data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
