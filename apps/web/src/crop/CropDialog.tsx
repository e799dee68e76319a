import { useEffect, useState } from 'react';
import { Button } from '../components/controls/Button.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import { Slider } from '../components/controls/Slider.tsx';
import { Notice } from '../components/display/Notice.tsx';
import { Skeleton } from '../components/display/Skeleton.tsx';
import { Dialog } from '../components/overlays/Dialog.tsx';
import { useFormat } from '../texts/format.ts';
import { useTexts } from '../texts/i18n.ts';
import { showProblem } from '../undo/toasts.ts';
import { cutOut, readPicture } from './crop-picture.ts';
import { CropStage } from './CropStage.tsx';
import { largestFrame, shareOf, toWholePixels, withShare, type Frame, type Size } from './frame.ts';
import { cropTexts } from './texts.ts';

export interface CropShape {
  /** Such as `3:2`. */
  name: string;
  /** Width divided by height. */
  shape: number;
  /** Why it cannot be chosen. */
  unavailable: string | undefined;
}

interface CropDialogProps {
  /** The bytes of the picture; the same promise for as long as the dialog is open. */
  source: Promise<Blob>;
  shapes: readonly CropShape[];
  /** The name of the shape that is chosen at first. */
  first: string | undefined;
  /** @param cropped null: the picture stays as it is */
  onEnd: (cropped: Blob | null) => void;
}

interface Opened {
  bitmap: ImageBitmap;
  address: string;
  type: string;
}

const free = 'free';

/** Cuts a picture to a shape before it is sent. */
export function CropDialog({ source, shapes, first, onEnd }: CropDialogProps) {
  const t = useTexts(cropTexts);
  const format = useFormat();
  const { opened, isUnreadable } = useOpened(source);
  const [name, setName] = useState(first ?? free);
  const [moved, setMoved] = useState<Frame | null>(null);
  const [isCutting, setIsCutting] = useState(false);
  const shape = shapes.find((each) => each.name === name)?.shape ?? null;
  const picture: Size = opened?.bitmap ?? { width: 1, height: 1 };
  const frame = moved ?? largestFrame(picture, shape);
  const whole = toWholePixels(frame, picture);
  const isAll = whole.width === picture.width && whole.height === picture.height;

  async function cut(): Promise<void> {
    if (opened === null) return;
    setIsCutting(true);
    try {
      onEnd(await cutOut(opened.bitmap, whole, opened.type));
    } catch (error) {
      showProblem(t.failed({ message: error instanceof Error ? error.message : String(error) }));
      setIsCutting(false);
    }
  }
  const share = Math.round(shareOf(frame, picture) * 100);
  return (
    <Dialog
      isOpen
      size="medium"
      onClose={() => onEnd(null)}
      title={t.title}
      description={t.lead}
      actions={
        <>
          <Button onClick={() => onEnd(null)}>{t.cancel}</Button>
          <Button
            variant="primary"
            isBusy={isCutting || (opened === null && !isUnreadable)}
            unavailable={isUnreadable ? t.notRead : isAll ? t.wholePicture : undefined}
            onClick={() => void cut()}
          >
            {t.crop}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pt-2">
        {isUnreadable ? (
          <Notice tone="bad">{t.notRead}</Notice>
        ) : opened === null ? (
          <Skeleton className="h-[52dvh] w-full rounded-medium" />
        ) : (
          <CropStage
            address={opened.address}
            picture={picture}
            shape={shape}
            frame={frame}
            onFrame={setMoved}
          />
        )}
        <Segmented
          label={t.shape}
          value={name}
          segments={[
            { value: free, label: t.free },
            ...shapes.map(({ name: each, unavailable }) => ({
              value: each,
              label: each,
              unavailable,
            })),
          ]}
          onChange={(chosen) => {
            setName(chosen);
            setMoved(null);
          }}
          className="flex-wrap"
        />
        <div className="flex items-center gap-4 text-small">
          <Slider
            label={t.size}
            value={share}
            min={1}
            max={100}
            valueText={format.percent(share / 100)}
            onChange={(count) => setMoved(withShare(frame, count / 100, picture))}
          />
          <p role="status" className="tabular shrink-0 text-muted">
            {opened !== null &&
              t.result({ width: format.number(whole.width), height: format.number(whole.height) })}
          </p>
        </div>
      </div>
    </Dialog>
  );
}

/** Reads the picture once, and gives it back when the dialog is closed. */
function useOpened(source: Promise<Blob>) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [isUnreadable, setIsUnreadable] = useState(false);
  useEffect(() => {
    let isOver = false;
    let mine: Opened | null = null;
    const close = (): void => {
      mine?.bitmap.close();
      if (mine !== null) URL.revokeObjectURL(mine.address);
    };
    const open = async (): Promise<void> => {
      const blob = await source;
      mine = {
        bitmap: await readPicture(blob),
        address: URL.createObjectURL(blob),
        type: blob.type,
      };
      if (isOver) close();
      else setOpened(mine);
    };
    open().catch(() => setIsUnreadable(true));
    return () => {
      isOver = true;
      close();
    };
  }, [source]);
  return { opened, isUnreadable };
}
