/** Texts of what the same request has made before. */
import { defineTexts } from '../../../../texts/i18n.ts';

export const madeBeforeTexts = defineTexts(
  'made-before',
  {
    title: 'You have made this before',
    hint: 'The same request made these pictures before. Nothing was sent, and nothing was paid.',
    open: 'Open in full size',
    makeAnyway: 'Make it anyway',
    show: 'Show these',
  },
  {
    title: '以前に作成した内容です',
    hint: '同じ指定の画像がすでにあります。まだ送信しておらず、費用もかかっていません。',
    open: '大きく表示',
    makeAnyway: 'それでも作成する',
    show: 'この画像を表示',
  },
);
