/** Reads a JSON body of unknown shape. Null means "not set", as the SDK's types say. */
export type Body = Readonly<Record<string, unknown>>;

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSet(body: Body, name: string): boolean {
  return body[name] !== undefined && body[name] !== null;
}

export function readText<const T extends string | null>(
  body: unknown,
  name: string,
  otherwise: T,
): string | T {
  const value = isBody(body) ? body[name] : undefined;
  return typeof value === 'string' ? value : otherwise;
}

export function readNumber<const T extends number | null>(
  body: unknown,
  name: string,
  otherwise: T,
): number | T {
  const value = isBody(body) ? body[name] : undefined;
  return typeof value === 'number' ? value : otherwise;
}
