/** Turns the texts of a form into the input of a schema. */

/** Objects in a form are at most this deep: `svg[reasoning][effort]` has three names. */
const deepest = 4;

/**
 * `a[b]` becomes the member `b` of the object `a`, and `a[b][c]` a member of that, as the official
 * SDKs write objects. `read` turns the text of any other field into its value; without it, texts
 * stay texts.
 */
export function readFormFields(
  texts: ReadonlyMap<string, string>,
  read: (name: string, text: string) => unknown = (_name, text) => text,
): Record<string, unknown> {
  const input = createObject();
  for (const [name, text] of texts) {
    const path = readPath(name);
    const last = path.pop() ?? name;
    let target = input;
    for (const step of path) target = memberOf(target, step);
    target[last] = path.length === 0 ? read(name, text) : text;
  }
  return { ...input };
}

/** A name that is not written as a path is one step. */
function readPath(name: string): string[] {
  const [, outer, inner] = /^([^[\]]+)((?:\[[^[\]]+\])+)$/.exec(name) ?? [];
  if (outer === undefined || inner === undefined) return [name];
  const path = [outer, ...inner.slice(1, -1).split('][')];
  // No field has such a name, so the whole name is refused as unknown.
  return path.length > deepest || path.includes('__proto__') ? [name] : path;
}

function memberOf(target: Record<string, unknown>, name: string): Record<string, unknown> {
  const known = target[name];
  const member = createObject();
  if (typeof known === 'object' && known !== null) Object.assign(member, known);
  target[name] = member;
  return member;
}

/** Without a prototype, a field called `__proto__` is a field like any other. */
function createObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
