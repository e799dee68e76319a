/** The columns Kiln knows, the other names they go by, and how forgiving a name is read. */

export const csvColumns = [
  'prompt',
  'custom_id',
  'model',
  'n',
  'size',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'moderation',
  'image',
  'mask',
  'filename',
] as const;
export type CsvColumn = (typeof csvColumns)[number];

/** What a caller's columns become: one of ours, or null for nothing. */
export type ColumnMap = Readonly<Record<string, CsvColumn | null>>;

/** In the form of `normaliseName`. */
const aliases: Readonly<Record<CsvColumn, readonly string[]>> = {
  prompt: ['プロンプト', '指示', '指示文', '指示内容'],
  custom_id: ['customid', 'id', 'カスタムid', '識別子', '管理番号', '管理id'],
  model: ['モデル', 'モデル名'],
  n: ['枚数', '生成枚数', '画像枚数'],
  size: ['サイズ', '画像サイズ', '画像の大きさ', '大きさ'],
  quality: ['品質', '画質', 'クオリティ'],
  background: ['背景'],
  output_format: [
    'outputformat',
    'format',
    '出力形式',
    '画像形式',
    'ファイル形式',
    '形式',
    'フォーマット',
  ],
  output_compression: ['outputcompression', 'compression', '圧縮率', '圧縮', '出力圧縮率'],
  moderation: ['モデレーション'],
  image: ['images', '画像', '元画像', '入力画像', '参照画像'],
  mask: ['マスク', 'マスク画像'],
  filename: ['file_name', 'ファイル名', '出力ファイル名'],
};

const byAlias = new Map(
  csvColumns.flatMap((column) => aliases[column].map((alias) => [alias, column] as const)),
);
const byName: ReadonlySet<string> = new Set(csvColumns);

/**
 * Names are the same if they differ in case, width (ＩＤ, ﾌﾟﾛﾝﾌﾟﾄ), and in what parts their words:
 * spaces, hyphens, underscores.
 */
export function normaliseName(name: string): string {
  return name
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}

/** Whether the name is one of ours, or another word for one. */
export function findColumn(name: string): { column: CsvColumn; isAlias: boolean } | undefined {
  const normalised = normaliseName(name);
  if (isCsvColumn(normalised)) return { column: normalised, isAlias: false };
  const column = byAlias.get(normalised);
  return column && { column, isAlias: true };
}

export function isCsvColumn(name: string): name is CsvColumn {
  return byName.has(name);
}
