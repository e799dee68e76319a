import { useStore } from '@nanostores/react';
import { ImagePlus, Plus } from 'lucide-react';
import { useId, useRef } from 'react';
import { FileInput } from '../../../components/controls/FileInput.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { ImageModel } from '../draft/types.ts';
import { addFiles } from './add-pictures.ts';
import { adviceFor } from './advice.ts';
import { useCropShapes } from './crop-shapes.ts';
import { MaskButton } from './MaskButton.tsx';
import { mask, mostPictures, pictures, usableMask } from './pictures.ts';
import { PictureTile } from './PictureTile.tsx';
import { pictureTexts } from './texts.ts';
import { useIncoming } from './use-incoming.ts';

interface SourcePicturesProps {
  model: ImageModel | null;
  problem: string | undefined;
  maskUnavailable: string | undefined;
}

/** The pictures to change, in their order, and the way to add more. */
export function SourcePictures({ model, problem, maskUnavailable }: SourcePicturesProps) {
  const t = useTexts(pictureTexts);
  const all = useStore(pictures);
  const painted = useStore(mask);
  const shapes = useCropShapes(model);
  const input = useRef<HTMLInputElement>(null);
  const headingId = useId();
  const isDropping = useIncoming(addFiles);
  const choose = (): void => input.current?.click();
  const refused = all.flatMap(({ key, name, state }) =>
    state.is === 'refused' ? [{ key, name, ...state }] : [],
  );
  return (
    <section aria-labelledby={headingId} className="flex flex-col gap-2">
      <h2 id={headingId} className={all.length === 0 ? 'sr-only' : 'text-small font-semibold'}>
        {t.title}
      </h2>
      <FileInput
        ref={input}
        label={t.add}
        accept="image/png,image/jpeg,image/webp"
        multiple
        onChoose={addFiles}
      />
      {all.length === 0 ? (
        <button
          type="button"
          onClick={choose}
          className="flex items-center gap-3 rounded-medium border border-dashed border-edge/60 p-3
            text-left transition hover:border-ember hover:bg-ember-soft/50"
        >
          <ImagePlus aria-hidden className="size-[1.25rem] shrink-0 text-muted" />
          <span className="flex flex-col">
            <span className="font-semibold">{t.add}</span>
            <span className="text-small text-muted">{t.addHint}</span>
          </span>
        </button>
      ) : (
        <ul className="grid grid-cols-4 gap-2">
          {all.map((picture, index) => (
            <PictureTile
              key={picture.key}
              picture={picture}
              index={index}
              count={all.length}
              shapes={shapes}
              isMasked={index === 0 && usableMask(all, painted) !== null}
            />
          ))}
          {all.length < mostPictures && (
            <li>
              <button
                type="button"
                aria-label={t.more}
                title={t.more}
                onClick={choose}
                className="grid aspect-square w-full place-items-center rounded-medium border
                  border-dashed border-edge/60 text-muted transition hover:border-ember
                  hover:text-ember"
              >
                <Plus aria-hidden className="size-[1.25rem]" />
              </button>
            </li>
          )}
        </ul>
      )}
      {all.length >= mostPictures && <p className="text-small text-muted">{t.full}</p>}
      {refused.map(({ key, name, message, code }) => (
        <Notice key={key} tone="bad" title={name}>
          <p className="text-small">{message}</p>
          <p className="text-small font-semibold">{adviceFor(code, t)}</p>
        </Notice>
      ))}
      {problem !== undefined && <p className="text-small text-bad">{problem}</p>}
      {all.length > 0 && <MaskButton unavailable={maskUnavailable} />}
      {isDropping && (
        <div
          aria-hidden
          className="pointer-events-none fixed inset-0 z-40 grid animate-fade place-items-center bg-scrim p-6"
        >
          <p
            className="flex items-center gap-3 rounded-large border-2 border-dashed border-ember
              bg-surface px-6 py-5 text-lead font-semibold"
          >
            <ImagePlus className="size-[1.5rem] text-ember" />
            {t.dropHere}
          </p>
        </div>
      )}
    </section>
  );
}
