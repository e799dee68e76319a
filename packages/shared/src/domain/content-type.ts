/** The media types of the picture formats that a provider answers with. */
const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
};

export function contentTypeOf(format: string): string {
  return contentTypes[format] ?? 'application/octet-stream';
}
