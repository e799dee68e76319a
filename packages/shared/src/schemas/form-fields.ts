/** Turns the texts of a form into the input of a schema. */

/**
 * `a[b]` becomes the member `b` of the object `a`, as the official SDKs write objects. `read` turns
 * the text of any other field into its value; without it, texts stay texts.
 */
export function readFormFields(
  texts: ReadonlyMap<string, string>,
  read: (name: string, text: string) => unknown = (_name, text) => text,
): Record<string, unknown> {
  // Without a prototype, a field called `__proto__` is a field like any other.
  const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, text] of texts) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) input[name] = read(name, text);
    else input[outer] = { ...(input[outer] as object | undefined), [inner]: text };
  }
  return { ...input };
}
