/** Texts that all pages of batches use: the states of a batch, and how far it is. */
import { defineTexts, params } from '../../texts/i18n.ts';

export const stateTexts = defineTexts(
  'batch-states',
  {
    reading: 'Reading the file',
    working: 'Under way',
    paused: 'Paused',
    finishing: 'Writing its files',
    done: 'Done',
    doneWithFailures: 'Done, some failed',
    refused: 'File refused',
    stopped: 'Stopped by a fault',
    late: 'Deadline passed',
    cancelling: 'Stopping',
    cancelled: 'Cancelled',
  },
  {
    reading: 'ファイルを確認中',
    working: '実行中',
    paused: '一時停止中',
    finishing: '出力ファイルを作成中',
    done: '完了',
    doneWithFailures: '完了(一部失敗)',
    refused: 'ファイルを受け付けられません',
    stopped: '障害により停止',
    late: '期限切れ',
    cancelling: '停止しています',
    cancelled: 'キャンセル済み',
  },
);

export const barTexts = defineTexts(
  'batch-bar',
  {
    inAbout: params('about {time}'),
    between: params('{from} to {to}'),
    within: params('at most {to}'),
    anyMoment: 'any moment',
    progress: params('{ended} of {total}'),
  },
  {
    inAbout: '約{time}',
    between: '{from}~{to}',
    within: '長くて{to}',
    anyMoment: 'まもなく',
    progress: '{total}件中{ended}件',
  },
);
