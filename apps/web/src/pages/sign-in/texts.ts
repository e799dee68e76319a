/** Texts of the sign-in page. */
import { defineTexts } from '../../texts/i18n.ts';

export const signInTexts = defineTexts(
  'sign-in',
  {
    title: 'Sign in',
    lead: 'This Kiln asks for one of its API keys. The browser does not keep the key.',
    key: 'API key',
    signIn: 'Sign in',
    empty: 'Enter a key.',
    wrongKey: 'This key is unknown. Use one of KILN_API_KEYS.',
    busy: 'Too many attempts. Wait a moment, then try again.',
    unreachable: 'Kiln cannot be reached at the moment. Try again in a moment.',
  },
  {
    title: 'サインイン',
    lead: 'このKilnを使うにはAPIキーが必要です。キーはブラウザーに保存されません。',
    key: 'APIキー',
    signIn: 'サインイン',
    empty: 'キーを入力してください。',
    wrongKey: 'このキーは登録されていません。KILN_API_KEYSのいずれかを使ってください。',
    busy: '試行回数が多すぎます。しばらく待ってから、もう一度お試しください。',
    unreachable: 'Kilnに接続できません。しばらくしてから、もう一度お試しください。',
  },
);
