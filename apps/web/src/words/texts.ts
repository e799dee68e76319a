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

/** What each event says, by its type. */
export const eventTexts = defineTexts(
  'event-types',
  {
    'job.created': 'Job accepted',
    'job.started': 'First call sent',
    'job.retrying': 'Job waits again',
    'job.updated': 'Job changed',
    job_runs_next: 'Job asked to run next',
    'job.held': 'Job needs a decision',
    'job.succeeded': 'Pictures ready',
    'job.failed': 'Job failed',
    'job.cancelled': 'Job cancelled',
    'job.expired': 'Job expired',
    'job.deleted': 'Job deleted',
    'job.composite_made': 'Picture with the rest untouched ready',
    'job.composite_skipped': 'No picture with the rest untouched',
    'job.partial_image': 'Preview came',
    'batch.in_progress': 'Batch started',
    'batch.progress': 'Batch went on',
    'batch.updated': 'Batch changed',
    batch_runs_next: 'Batch asked to run next',
    'batch.completed': 'Batch done',
    'batch.failed': 'Batch failed',
    'batch.expired': 'Batch expired',
    'batch.cancelled': 'Batch cancelled',
    'pool.blocked': 'Calls stopped',
    'pool.resumed': 'Calls go on',
    'model.paused': 'Model refused',
    'model.resumed': 'Model works again',
    'webhook_endpoint.disabled': 'Endpoint switched off',
  },
  {
    'job.created': 'ジョブを受付',
    'job.started': '最初の呼び出しを送信',
    'job.retrying': 'ジョブが再び待機',
    'job.updated': 'ジョブを変更',
    job_runs_next: 'ジョブを次に実行',
    'job.held': 'ジョブの判断が必要',
    'job.succeeded': '画像が完成',
    'job.failed': 'ジョブが失敗',
    'job.cancelled': 'ジョブをキャンセル',
    'job.expired': 'ジョブが期限切れ',
    'job.deleted': 'ジョブを削除',
    'job.composite_made': '元の部分を残した画像が完成',
    'job.composite_skipped': '元の部分を残した画像なし',
    'job.partial_image': 'プレビューが到着',
    'batch.in_progress': 'バッチを開始',
    'batch.progress': 'バッチが進行',
    'batch.updated': 'バッチを変更',
    batch_runs_next: 'バッチを優先',
    'batch.completed': 'バッチが完了',
    'batch.failed': 'バッチが失敗',
    'batch.expired': 'バッチが期限切れ',
    'batch.cancelled': 'バッチをキャンセル',
    'pool.blocked': '呼び出しが停止',
    'pool.resumed': '呼び出しを再開',
    'model.paused': 'モデルが拒否',
    'model.resumed': 'モデルが復旧',
    'webhook_endpoint.disabled': '通知先を停止',
  },
);
