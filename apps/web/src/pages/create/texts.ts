/** Texts of Create. */
import { defineTexts } from '../../texts/i18n.ts';

export const createTexts = defineTexts(
  'create',
  { title: 'Create', lead: 'Make a picture from words, or change one you have.' },
  { title: '作成', lead: '言葉から画像を作成したり、手元の画像を編集したりします。' },
);
