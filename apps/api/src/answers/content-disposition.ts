/**
 * `Content-Disposition` for any file name: in UTF-8 (RFC 8187), and in ASCII for those who cannot
 * read that (RFC 6266).
 */
export function attachment(filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]/gu, '_').replaceAll(/["\\]/g, '_');
  const plain = `attachment; filename="${ascii}"`;
  return ascii === filename ? plain : `${plain}; filename*=UTF-8''${encode(filename)}`;
}

/** What encodeURIComponent leaves and RFC 8187 does not: ' ( ) *. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
