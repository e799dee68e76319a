import { useTexts } from '../../texts/i18n.ts';
import { filterTexts } from './texts.ts';

/**
 * Says the stage of a content filter and what it found in the visitor's language. The provider's
 * name stays beside other words, so that it can be searched for; a name without words stands alone.
 */
export function useFilterWords(): (name: string) => string {
  const t = useTexts(filterTexts);
  const known = new Map([
    ['input', t.input],
    ['output', t.output],
    ['hate', t.hate],
    ['harassment', t.harassment],
    ['self_harm', t.self_harm],
    ['sexual', t.sexual],
    ['violence', t.violence],
  ]);
  return (name) => {
    // Azure writes self_harm, OpenAI self-harm.
    const words = known.get(name.replaceAll('-', '_')) ?? name;
    return words === name ? name : t.withCode({ words, code: name });
  };
}
