/** Texts of comparing pictures. */
import { count, defineTexts, params } from '../../texts/i18n.ts';

export const compareTexts = defineTexts(
  'compare',
  {
    title: count({ one: 'Compare', many: 'Compare {count} pictures' }),
    way: 'Layout',
    beside: 'Side by side',
    slider: 'One over the other',
    sliderOfTwo: 'It takes two pictures.',
    divide: 'Where one picture ends and the other begins',
    holdSource: 'Hold: show the source',
    noSource: 'None of them has a source',
    source: 'Source',
    draft: 'Draft',
    final: 'Final',
    open: params('Open picture {number}'),
    nothing: 'Nothing to compare',
    nothingHint: 'Choose two to four pictures of the gallery.',
  },
  {
    title: { many: '{count}枚を比べる' },
    way: '並べ方',
    beside: '横に並べる',
    slider: '重ねて比べる',
    sliderOfTwo: '2枚のときに使えます。',
    divide: '2枚の境目の位置',
    holdSource: '押している間、元の画像を表示',
    noSource: '元の画像がありません',
    source: '元の画像',
    draft: '下書き',
    final: '仕上げ',
    open: '画像{number}を開く',
    nothing: '比べる画像がありません',
    nothingHint: 'ギャラリーで2~4枚の画像を選んでください。',
  },
);
