/** What became of a call to a provider, by the API's names (`attempt.status`). */
import { defineTexts } from '../texts/i18n.ts';

export const callOutcomeTexts = defineTexts(
  'call-outcomes',
  {
    in_flight: 'under way',
    succeeded: 'made a picture',
    refused: 'refused before it began, not paid',
    rejected: 'refused for its content or parameters',
    unusable: 'brought no usable picture',
    unknown: 'its answer was lost; it may have been billed',
  },
  {
    in_flight: '実行中',
    succeeded: '画像を作成',
    refused: '開始前に拒否、費用なし',
    rejected: '内容またはパラメーターのため拒否',
    unusable: '使える画像なし',
    unknown: '応答が失われ、請求された可能性あり',
  },
);
