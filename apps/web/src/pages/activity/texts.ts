/** Texts of Activity. */
import { defineTexts } from '../../texts/i18n.ts';

export const activityTexts = defineTexts(
  'activity',
  {
    title: 'Activity',
    empty: 'Nothing has happened yet',
    emptyHint: 'Jobs, webhook deliveries and events are listed here, newest first.',
  },
  {
    title: '履歴',
    empty: 'まだ何もありません',
    emptyHint: 'ジョブ、Webhookの配信、イベントを新しい順に表示します。',
  },
);
