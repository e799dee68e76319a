/**
 * Returns the parameter `charset` of a content type (RFC 9110), with or without quotation marks.
 */
export function charsetOf(contentType: string): string | null {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))/i.exec(contentType) ?? [];
  const charset = (quoted ?? plain ?? '').trim();
  return charset === '' ? null : charset;
}
