import { ArrowUp } from 'lucide-react';
import { useTexts } from '../../../texts/i18n.ts';
import { pageRows } from '../../../wall/use-sight.ts';
import { wallTexts } from './texts.ts';

/** Pictures that came since the wall was opened: they shift nothing until they are asked for. */
export function NewPictures({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useTexts(wallTexts);
  if (count === 0) return null;
  return (
    <div className="sticky top-3 z-10 flex justify-center">
      <button
        type="button"
        onClick={() => {
          onShow();
          window.scrollTo({ top: 0 });
        }}
        className="inline-flex h-(--control) animate-rise items-center gap-2 rounded-full bg-ember
          px-4 font-semibold text-on-ember shadow-float transition hover:bg-ember-deep"
      >
        <ArrowUp aria-hidden className="size-[1.125rem]" />
        {count < pageRows ? t.newPictures(count) : t.manyNew}
      </button>
    </div>
  );
}
