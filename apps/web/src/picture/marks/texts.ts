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
    trashed: 'The picture is in the trash for some days.',
    isTrashed: 'This picture is in the trash.',
    restore: 'Restore',
    restored: 'The picture is back',
    notMarked: 'It was not changed',
  },
  {
    rating: '評価',
    rate: '5段階で{count}と評価',
    clear: '評価を消す',
    star: 'スターを付ける',
    unstar: 'スターを外す',
    albums: 'アルバム',
    trash: '削除',
    trashed: '画像を削除しました。しばらくはごみ箱から元に戻せます。',
    isTrashed: 'この画像はごみ箱にあります。',
    restore: '元に戻す',
    restored: '画像を元に戻しました',
    notMarked: '変更できませんでした',
  },
);
