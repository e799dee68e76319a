/** Texts of the choice of events. */
import { defineTexts } from '../texts/i18n.ts';

export const choiceTexts = defineTexts(
  'event-choice',
  {
    usual: 'The usual',
    allEvents: 'Everything',
    chosen: 'Chosen events',
    ofJobs: 'Jobs',
    ofBatches: 'Batches',
    ofTheRest: 'Pools, models, endpoints',
  },
  {
    usual: '標準',
    allEvents: 'すべて',
    chosen: '選択する',
    ofJobs: 'ジョブ',
    ofBatches: 'バッチ',
    ofTheRest: 'プール、モデル、通知先',
  },
);
