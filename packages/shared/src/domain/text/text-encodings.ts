/**
 * The encodings that a text may be declared to have: those of `TextDecoder` (WHATWG Encoding
 * Standard), under the names that it gives them, and the labels by which people call them.
 * `tabular/text/` decodes and detects them.
 */

export const textEncodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'windows-874',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-8-i',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'koi8-r',
  'koi8-u',
  'ibm866',
  'macintosh',
  'x-mac-cyrillic',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

export type TextEncoding = (typeof textEncodings)[number];

/** Examples for messages; every label of the Encoding Standard is accepted. */
export const exampleEncodings =
  'utf-8, utf-16le, windows-1252, windows-1250, windows-1251, shift_jis, euc-jp, iso-2022-jp, ' +
  'gb18030, big5, euc-kr, koi8-r, iso-8859-2, iso-8859-15, macintosh';

/**
 * Names that are in use besides the labels of the standard: those of Windows code pages, Java,
 * Python and Excel, written without spaces, hyphens and underscores.
 */
const furtherLabels: Readonly<Record<string, TextEncoding>> = {
  cp874: 'windows-874',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp943: 'shift_jis',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp54936: 'gb18030',
  cp51932: 'euc-jp',
  cp51949: 'euc-kr',
  cp65001: 'utf-8',
  cp28592: 'iso-8859-2',
  cp28605: 'iso-8859-15',
  cp20866: 'koi8-r',
  cp21866: 'koi8-u',
  cp10000: 'macintosh',
  macroman: 'macintosh',
  maccyrillic: 'x-mac-cyrillic',
  eucjpms: 'euc-jp',
  uhc: 'euc-kr',
  utf8bom: 'utf-8',
  utf8sig: 'utf-8',
};

const compactLabels = new Map<string, TextEncoding>([
  ...textEncodings.map((name) => [compact(name), name] as const),
  ...Object.entries(furtherLabels),
]);

/** Finds an encoding by any of its labels; undefined when no encoding has that name. */
export function findTextEncoding(label: string): TextEncoding | undefined {
  const short = compact(label);
  return (
    nameOf(label.trim()) ??
    compactLabels.get(short) ??
    nameOf(short.replace(/^(ms|win)(?=\d)/, 'cp'))
  );
}

/** Undefined for a label that `TextDecoder` does not know, or an encoding that is not for texts. */
function nameOf(label: string): TextEncoding | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return textEncodings.find((name) => name === encoding);
  } catch {
    return undefined; // `TextDecoder` throws for an unknown label
  }
}

function compact(label: string): string {
  return label.toLowerCase().replaceAll(/[\s_-]/g, '');
}
