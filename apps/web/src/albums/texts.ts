/** Texts of choosing and making albums. */
import { defineTexts } from '../texts/i18n.ts';

export const albumTexts = defineTexts(
  'albums',
  {
    albums: 'Albums',
    newAlbum: 'New album',
    make: 'Make',
    nameFirst: 'Give it a name first',
  },
  {
    albums: 'アルバム',
    newAlbum: '新しいアルバム',
    make: '作成',
    nameFirst: '先に名前を入力してください',
  },
);
