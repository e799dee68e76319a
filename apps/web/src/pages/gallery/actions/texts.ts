/** Texts of bulk actions. */
import { count, defineTexts, params } from '../../../texts/i18n.ts';

export const actionTexts = defineTexts(
  'galleryActions',
  {
    rate: params<{ shown: string; rating: string }>(
      count({ one: 'Rate {shown} picture {rating}', many: 'Rate {shown} pictures {rating}' }),
    ),
    unrate: params<{ shown: string }>(
      count({
        one: 'Take the rating of {shown} picture away',
        many: 'Take the rating of {shown} pictures away',
      }),
    ),
    star: params<{ shown: string }>(
      count({ one: 'Star {shown} picture', many: 'Star {shown} pictures' }),
    ),
    unstar: params<{ shown: string }>(
      count({
        one: 'Take the star of {shown} picture away',
        many: 'Take the star of {shown} pictures away',
      }),
    ),
    add: params<{ shown: string; album: string }>(
      count({ one: 'Add {shown} picture to {album}', many: 'Add {shown} pictures to {album}' }),
    ),
    removed: params<{ shown: string; album: string }>(
      count({
        one: 'Take {shown} picture out of {album}',
        many: 'Take {shown} pictures out of {album}',
      }),
    ),
    trash: params<{ shown: string }>(
      count({ one: 'Delete {shown} picture', many: 'Delete {shown} pictures' }),
    ),
    restore: params<{ shown: string }>(
      count({ one: 'Restore {shown} picture', many: 'Restore {shown} pictures' }),
    ),
    again: params<{ shown: string }>(
      count({ one: 'Make {shown} picture again', many: 'Make {shown} pictures again' }),
    ),
    queued: 'Waiting',
    running: 'Under way',
    stopped: 'Stopped',
    completed: 'Done',
    failed: 'Failed',
    progress: params('{done} of {total}'),
    notChanged: count({ one: '{count} was not changed', many: '{count} were not changed' }),
    why: 'What was not changed, and why',
    toBatch: 'Show the batch',
    show: 'Show',
    stop: 'Stop',
    resume: 'Go on',
  },
  {
    rate: { many: '画像{shown}枚に評価{rating}を付ける' },
    unrate: { many: '画像{shown}枚の評価を外す' },
    star: { many: '画像{shown}枚にスターを付ける' },
    unstar: { many: '画像{shown}枚のスターを外す' },
    add: { many: '画像{shown}枚を「{album}」に追加' },
    removed: { many: '画像{shown}枚を「{album}」から外す' },
    trash: { many: '画像{shown}枚を削除' },
    restore: { many: '画像{shown}枚を元に戻す' },
    again: { many: '画像{shown}枚をもう一度作成' },
    queued: '待機中',
    running: '実行中',
    stopped: '停止',
    completed: '完了',
    failed: '失敗',
    progress: '{total}枚中{done}枚',
    notChanged: { many: '{count}枚は変更されませんでした' },
    why: '変更されなかった画像と理由',
    toBatch: 'バッチを表示',
    show: '表示',
    stop: '停止',
    resume: '再開',
  },
);
