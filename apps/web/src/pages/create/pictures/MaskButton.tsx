import { useStore } from '@nanostores/react';
import { Brush, X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { mask, pictures, usableMask } from './pictures.ts';
import { pictureTexts } from './texts.ts';
import { useMask } from './use-mask.ts';

const MaskEditor = lazy(async () => ({
  default: (await import('../../../mask/MaskEditor.tsx')).MaskEditor,
}));

/** Paints the mask of the first picture, or removes it. */
export function MaskButton({ unavailable }: { unavailable: string | undefined }) {
  const t = useTexts(pictureTexts);
  const painted = useStore(mask);
  const all = useStore(pictures);
  const usable = usableMask(all, painted);
  const { open, isSaving, canBegin, begin, end } = useMask();
  const [first] = all;
  const notYet = canBegin ? undefined : t.uploading({ name: first?.name ?? '' });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-1">
        <Button
          size="small"
          icon={Brush}
          isBusy={isSaving}
          unavailable={unavailable ?? notYet}
          onClick={() => void begin()}
        >
          {usable === null ? t.paintMask : t.changeMask}
        </Button>
        {usable !== null && (
          <IconButton icon={X} size="small" label={t.removeMask} onClick={() => mask.set(null)} />
        )}
      </div>
      <p className="text-small text-muted">
        {painted !== null && usable === null ? t.maskKept : t.maskHint}
      </p>
      {open !== null && (
        <Suspense>
          <MaskEditor
            isOpen
            picture={open.picture}
            document={open.document}
            onEnd={(how) => void end(how)}
          />
        </Suspense>
      )}
    </div>
  );
}
