import { useStore } from '@nanostores/react';
import { useMutation } from '@tanstack/react-query';
import { Signature, X } from 'lucide-react';
import { useId, useRef } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { FileInput } from '../../../components/controls/FileInput.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { addMarkup } from './add-markup.ts';
import { markup } from './pictures.ts';
import { pictureTexts } from './texts.ts';

interface MarkupFieldProps {
  unavailable: string | undefined;
  problem: string | undefined;
}

/** A drawing that is laid over the first picture to guide the model. */
export function MarkupField({ unavailable, problem }: MarkupFieldProps) {
  const t = useTexts(pictureTexts);
  const drawn = useStore(markup);
  const input = useRef<HTMLInputElement>(null);
  const noteId = useId();
  const upload = useMutation({ mutationFn: addMarkup });
  const wrong = upload.error?.message ?? problem;
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={noteId}>
      <legend className="pb-2 text-small font-semibold">{t.markup}</legend>
      <FileInput
        ref={input}
        label={t.chooseMarkup}
        accept="image/png"
        onChoose={([file]) => {
          if (file !== undefined) upload.mutate(file);
        }}
      />
      <div className="flex min-w-0 items-center gap-2">
        <Button
          size="small"
          icon={Signature}
          unavailable={unavailable}
          isBusy={drawn !== null && drawn.fileId === null}
          onClick={() => input.current?.click()}
        >
          {drawn === null ? t.chooseMarkup : t.changeMarkup}
        </Button>
        {drawn !== null && (
          <>
            <span className="truncate text-small text-muted">{drawn.name}</span>
            <IconButton
              icon={X}
              size="small"
              label={t.removeMarkup}
              onClick={() => {
                markup.set(null);
                upload.reset();
              }}
            />
          </>
        )}
      </div>
      <p
        id={noteId}
        className={wrong === undefined ? 'text-small text-muted' : 'text-small text-bad'}
      >
        {wrong ?? unavailable ?? t.markupHint}
      </p>
    </fieldset>
  );
}
