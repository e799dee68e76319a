import { defineTexts, params } from '../../texts/i18n.ts';

/** What a content filter says, by the providers' names. The names stay beside the words. */
export const filterTexts = defineTexts(
  'content-filter',
  {
    withCode: params('{words} ({code})'),
    input: 'what was sent',
    output: 'the picture that was made',
    hate: 'hate',
    harassment: 'harassment',
    self_harm: 'self-harm',
    sexual: 'sexual content',
    violence: 'violence',
  },
  {
    withCode: '{words}({code})',
    input: '送った内容',
    output: '作成された画像',
    hate: 'ヘイト',
    harassment: '嫌がらせ',
    self_harm: '自傷行為',
    sexual: '性的な内容',
    violence: '暴力',
  },
);
