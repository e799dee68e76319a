/** Texts of Queue. */
import { count, defineTexts } from '../../texts/i18n.ts';

export const queueTexts = defineTexts(
  'queue',
  {
    title: 'Queue',
    waiting: count({ one: '{count} job waits', many: '{count} jobs wait' }),
    empty: 'Nothing waits',
    emptyHint: 'What starts next is shown here, with the pace and the quota of each pool.',
  },
  {
    title: 'キュー',
    waiting: { many: '待機中のジョブ:{count}件' },
    empty: '待っているジョブはありません',
    emptyHint: '次に始まるジョブと、プールごとの速さと割り当てを表示します。',
  },
);
