/**
 * Inspects an SVG document of an answer by its text, without drawing it: a document from a provider
 * is not trusted, and drawing one can take any amount of time and memory. Reads its size from the
 * root element, and checks that the document reaches the root's end.
 */

export type InspectedSvg =
  | { status: 'ok'; width: number; height: number }
  | { status: 'cut' }
  /** The bytes are something else. */
  | { status: 'not_svg' };

/** A root element begins within this many bytes, behind a declaration and comments. */
const longestProlog = 64 * 1024;
/** The size that CSS gives to a picture without one. */
const defaultSize = { width: 300, height: 150 };
const largestEdge = 1_000_000;

export function inspectSvg(bytes: Uint8Array): InspectedSvg {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = view.toString('utf8', 0, longestProlog);
  const [, name, attributes, isEmpty] =
    /^<((?:[\w-]+:)?svg)(?=[\s/>])((?:[^>"'/]|"[^"]*"|'[^']*')*)(\/)?>/i.exec(
      head.slice(startOfRoot(head)),
    ) ?? [];
  if (name === undefined || attributes === undefined) return { status: 'not_svg' };
  const end = view.lastIndexOf(`</${name}`);
  const isEnded = end !== -1 && /^<\/[\w:-]+\s*>/.test(view.toString('latin1', end, end + 200));
  return isEmpty !== undefined || !isEnded
    ? { status: 'cut' }
    : { status: 'ok', ...readSize(attributes) };
}

/** Skips what may precede the root: a byte order mark, white space, declarations and comments. */
function startOfRoot(text: string): number {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const close = text.startsWith('<!--', at)
      ? '-->'
      : text.startsWith('<?', at)
        ? '?>'
        : text.startsWith('<!DOCTYPE', at)
          ? endOfDoctype(text, at)
          : null;
    if (close === null) return at;
    const end = text.indexOf(close, at);
    if (end === -1) return text.length;
    at = end + close.length;
  }
}

/** A document type may declare entities in brackets. */
function endOfDoctype(text: string, at: number): string {
  const bracket = text.indexOf('[', at);
  return bracket !== -1 && bracket < text.indexOf('>', at) ? ']>' : '>';
}

/** Width and height, or what the `viewBox` says of them. Other units count as pixels. */
function readSize(attributes: string): { width: number; height: number } {
  const valueOf = (name: string): string | undefined => {
    const [, double, single] =
      new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes) ?? [];
    return double ?? single;
  };
  const lengthOf = (name: string): number | null => {
    const [, number] = /^\s*(\d+(?:\.\d+)?)(?:px|pt|mm|cm|in)?\s*$/.exec(valueOf(name) ?? '') ?? [];
    return number === undefined ? null : toEdge(Number(number));
  };
  const [, , boxWidth, boxHeight] = (valueOf('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const box =
    boxWidth !== undefined && boxHeight !== undefined && boxWidth > 0 && boxHeight > 0
      ? { width: toEdge(boxWidth), height: toEdge(boxHeight) }
      : defaultSize;
  const [width, height] = [lengthOf('width'), lengthOf('height')];
  if (width !== null && height !== null) return { width, height };
  if (width !== null) return { width, height: toEdge((width * box.height) / box.width) };
  if (height !== null) return { width: toEdge((height * box.width) / box.height), height };
  return box;
}

function toEdge(length: number): number {
  return Math.min(largestEdge, Math.max(1, Math.round(length)));
}
