/** Texts of Batches. */
import { defineTexts } from '../../texts/i18n.ts';

export const batchesTexts = defineTexts(
  'batches',
  {
    title: 'Batches',
    empty: 'No batches yet',
    emptyHint: 'A batch makes many pictures from one file, at exactly the pace of your quota.',
  },
  {
    title: 'バッチ',
    empty: 'バッチはまだありません',
    emptyHint: 'ひとつのファイルから、割り当てどおりの速さで多くの画像を作成します。',
  },
);
