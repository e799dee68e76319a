/** Texts of Queue. */
import { defineTexts } from '../../texts/i18n.ts';

export const queueTexts = defineTexts(
  'queue',
  {
    title: 'Queue',
    empty: 'Nothing waits',
    emptyHint: 'What starts next is shown here, with the pace and the quota of each pool.',
  },
  {
    title: 'キュー',
    empty: '待っているジョブはありません',
    emptyHint: '次に始まるジョブと、プールごとの速さと割り当てを表示します。',
  },
);
