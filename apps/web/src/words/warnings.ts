import { useTexts } from '../texts/i18n.ts';
import { warningTexts } from './texts.ts';

/** Says a warning in the visitor's language where the studio has words for its code. */
export function useWarningText(): (warning: { code: string; message: string }) => string {
  const t = useTexts(warningTexts);
  return ({ code, message }) => (code === 'simulator' ? t.simulator : message);
}
