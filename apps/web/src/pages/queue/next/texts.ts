/** Why a job waits, in words; by the API's names (`reason`). */
import { defineTexts } from '../../../texts/i18n.ts';

export const waitReasonTexts = defineTexts(
  'wait-reasons',
  {
    pace: 'waits for its turn',
    priority: 'more urgent jobs go first',
    pool_paused: 'its pool is paused',
    deployment_paused: 'the provider’s deployment is paused',
    model_paused: 'its model is paused',
    blocked: 'the provider asked to wait',
    refused: 'refused once; another job is tried first',
    retry: 'rests before it is tried again',
    store_away: 'the store for pictures is away',
    spool_full: 'the disk for pictures is full',
    batch_paused: 'its batch is paused',
    not_served: 'no deployment serves its model',
  },
  {
    pace: '順番を待っています',
    priority: '優先度の高いジョブが先です',
    pool_paused: 'プールが一時停止中です',
    deployment_paused: 'デプロイメントが一時停止中です',
    model_paused: 'モデルが一時停止中です',
    blocked: 'プロバイダーから待つように求められています',
    refused: '一度拒否されたため、別のジョブを先に試します',
    retry: '再試行の前に間隔を置いています',
    store_away: '画像の保存先に接続できません',
    spool_full: '画像用のディスクに空きがありません',
    batch_paused: 'バッチが一時停止中です',
    not_served: '対応するデプロイメントがありません',
  },
);
