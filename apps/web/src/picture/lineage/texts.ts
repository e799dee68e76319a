/** Texts of where a picture comes from. */
import { defineTexts } from '../../texts/i18n.ts';

export const lineageTexts = defineTexts(
  'picture-lineage',
  {
    madeFrom: 'Made from a draft',
    became: 'Became',
    draft: 'Its draft',
    final: 'Its final',
    draftGone: 'The draft was deleted.',
    compareDraft: 'Compare with the draft',
    compareFinals: 'Compare with what it became',
  },
  {
    madeFrom: '下書きから作成',
    became: '仕上げ',
    draft: '元の下書き',
    final: '仕上げた画像',
    draftGone: '下書きは削除されました。',
    compareDraft: '下書きと比べる',
    compareFinals: '仕上げた画像と比べる',
  },
);
