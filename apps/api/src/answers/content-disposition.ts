/**
 * Builds `Content-Disposition` for any file name: in ASCII for old clients (RFC 6266), and in UTF-8
 * (RFC 8187) when the name is not plain ASCII. Written by hand, because the content-disposition
 * package escapes quotes in place of the UTF-8 form.
 */
export function attachment(filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]/gu, '_').replaceAll(/["\\]/g, '_');
  const plain = `attachment; filename="${ascii}"`;
  return ascii === filename ? plain : `${plain}; filename*=UTF-8''${encode(filename)}`;
}

/**
 * Percent-encodes for RFC 8187, which, unlike encodeURIComponent, also requires ' ( ) * encoded.
 */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
