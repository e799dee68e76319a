/** Texts of the list of batches. */
import { count, defineTexts, params } from '../../../texts/i18n.ts';

export const listTexts = defineTexts(
  'batches',
  {
    title: 'Batches',
    newBatch: 'New batch',
    empty: 'No batches yet',
    emptyHint:
      'A batch makes many pictures from one file or a list of prompts, at exactly the pace of your quota. You see what it costs before it starts.',
    failed: count({ one: '{count} failed', many: '{count} failed' }),
    ended: params('{ended} of {total}'),
    spent: params('{actual} of about {estimated}'),
    doneIn: 'Done in',
    search: 'Search names and files',
    nothing: 'No batch matches',
    nothingHint: params('No name, file or id has “{q}” in it.'),
    showAll: 'Show all batches',
    more: 'Show more',
    unreachable: 'The batches cannot be read',
  },
  {
    title: 'バッチ',
    newBatch: '新しいバッチ',
    empty: 'バッチはまだありません',
    emptyHint:
      'ひとつのファイルやプロンプトの一覧から、割り当てどおりの速さで多くの画像を作成します。費用は開始前に確認できます。',
    failed: { many: '失敗{count}件' },
    ended: '{total}件中{ended}件',
    spent: '{actual}(見積もり約{estimated})',
    doneIn: '完了まで',
    search: '名前やファイルを検索',
    nothing: '該当するバッチがありません',
    nothingHint: '名前・ファイル名・IDに「{q}」を含むバッチはありません。',
    showAll: 'すべてのバッチを表示',
    more: 'さらに表示',
    unreachable: 'バッチを読み込めません',
  },
);
