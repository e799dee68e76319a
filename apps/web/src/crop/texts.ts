/** Texts of cropping. */
import { defineTexts, params } from '../texts/i18n.ts';

export const cropTexts = defineTexts(
  'crop',
  {
    title: 'Crop',
    lead: 'Only the part in the frame is sent. Your file stays as it is.',
    shape: 'Shape',
    free: 'Free',
    size: 'Size of the frame',
    stage: 'The frame. Arrow keys move it, plus and minus change its size.',
    result: params('{width} × {height} pixels'),
    crop: 'Crop',
    cancel: 'Cancel',
    wholePicture: 'The frame holds all of the picture: nothing would be cut off.',
    notRead: 'The browser cannot read this picture, so it cannot be cropped here.',
    failed: params('It could not be cropped: {message}'),
  },
  {
    title: '切り抜き',
    lead: '枠の中だけが送られます。元のファイルは変わりません。',
    shape: '縦横比',
    free: '自由',
    size: '枠の大きさ',
    stage: '枠。矢印キーで移動、プラスとマイナスで大きさを変えます。',
    result: '{width} × {height}ピクセル',
    crop: '切り抜く',
    cancel: 'やめる',
    wholePicture: '枠が画像全体を囲んでいるため、切り取られる部分がありません。',
    notRead: 'ブラウザーで読み込めない画像のため、ここでは切り抜けません。',
    failed: '切り抜けませんでした:{message}',
  },
);
