/** Texts of rating, starring and deleting pictures. */
import { defineTexts, params } from '../../texts/i18n.ts';

export const marksTexts = defineTexts(
  'picture-marks',
  {
    rating: 'Rating',
    rate: params('Rate {count} of 5'),
    clear: 'Clear the rating',
    star: 'Star',
    unstar: 'Take the star away',
    albums: 'Albums',
    trash: 'Delete',
    trashed: 'Deleted. It can be restored for 7 days.',
    isTrashed: 'This picture is in the trash.',
    restore: 'Restore',
    restored: 'The picture is back',
    notMarked: 'It was not changed',
  },
  {
    rating: '評価',
    rate: '5段階の{count}',
    clear: '評価を消す',
    star: 'スターを付ける',
    unstar: 'スターを外す',
    albums: 'アルバム',
    trash: '削除',
    trashed: '削除しました。7日以内なら元に戻せます。',
    isTrashed: 'この画像はゴミ箱にあります。',
    restore: '元に戻す',
    restored: '画像を元に戻しました',
    notMarked: '変更できませんでした',
  },
);
