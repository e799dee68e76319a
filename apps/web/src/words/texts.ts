/** Words that several pages use. */
import { defineTexts, params } from '../texts/i18n.ts';

/** What became of a call to a provider, by the API's names (`attempt.status`). */
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

/** How a job is, by the API's names (`job.status`). */
export const statusTexts = defineTexts(
  'job-states',
  {
    queued: 'Waiting',
    in_progress: 'With the provider',
    held: 'Needs a decision',
    succeeded: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    expired: 'Expired',
  },
  {
    queued: '待機中',
    in_progress: 'プロバイダーで処理中',
    held: '判断が必要',
    succeeded: '完了',
    failed: '失敗',
    cancelled: 'キャンセル済み',
    expired: '期限切れ',
  },
);

/** Warnings of the API that the studio says in its own words, by their code. */
export const warningTexts = defineTexts(
  'warnings',
  {
    simulator: 'No provider is set up: the simulator makes this picture, and nothing is paid.',
  },
  {
    simulator:
      'プロバイダーが設定されていないため、シミュレーターが画像を作成します。費用はかかりません。',
  },
);

export const runNextTexts = defineTexts(
  'run-next',
  {
    runNext: 'Run next',
    runsNext: params('Starts next: {what}'),
    isNext: 'It is the next one already',
    startsNow: 'It is about to start',
    pausedBatch: 'Its batch is paused',
    notRead: 'This row has not been read from the file yet',
    batchRunsNext: params('The rows of “{name}” go first now'),
    batchRunsLater: params('The rows of “{name}” go first when it is resumed'),
    goesFirst: 'Runs next',
  },
  {
    runNext: '次に実行',
    runsNext: '次に開始します:{what}',
    isNext: 'すでに次の順番です',
    startsNow: 'まもなく開始します',
    pausedBatch: 'バッチが一時停止中です',
    notRead: 'この行はまだファイルから読み込まれていません',
    batchRunsNext: '「{name}」の行を先に実行します',
    batchRunsLater: '再開後に「{name}」の行を先に実行します',
    goesFirst: '優先',
  },
);
