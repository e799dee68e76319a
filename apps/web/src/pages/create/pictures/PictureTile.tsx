import { ArrowLeft, ArrowRight, CircleAlert, Crop, Ellipsis, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState, type DragEvent, type KeyboardEvent } from 'react';
import { announce } from '../../../app/announcer.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { cx } from '../../../components/cx.ts';
import { Menu } from '../../../components/overlays/Menu.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { readSource, replaceByCropped } from './add-pictures.ts';
import type { CropShapes } from './crop-shapes.ts';
import { movePicture, removePicture, type SourcePicture } from './pictures.ts';
import { pictureTexts } from './texts.ts';

const CropDialog = lazy(async () => ({
  default: (await import('../../../crop/CropDialog.tsx')).CropDialog,
}));

interface PictureTileProps {
  picture: SourcePicture;
  index: number;
  count: number;
  shapes: CropShapes;
  isMasked: boolean;
}

const kind = 'application/x-kiln-picture';

/** One picture: moved by dragging, by its keys, or by its menu. */
export function PictureTile({ picture, index, count, shapes, isMasked }: PictureTileProps) {
  const t = useTexts(pictureTexts);
  const { key, name, address, state } = picture;
  const [isTarget, setIsTarget] = useState(false);
  const [cropping, setCropping] = useState<Promise<Blob> | null>(null);

  function move(to: number): void {
    if (to < 0 || to >= count) return;
    movePicture(key, to);
    announce(t.moved({ name, place: to + 1 }));
  }
  function remove(): void {
    removePicture(key);
    announce(t.removed({ name }));
  }
  function press(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(index - 1);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') move(index + 1);
    else if (event.key === 'Delete' || event.key === 'Backspace') remove();
    else return;
    event.preventDefault();
  }
  const isOurs = (event: DragEvent): boolean => event.dataTransfer.types.includes(kind);

  /** The button inside does the same by keys, for those who do not drag. */
  const dragging = {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(kind, key);
      event.dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event: DragEvent) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      setIsTarget(true);
    },
    onDragLeave: () => setIsTarget(false),
    onDrop: (event: DragEvent) => {
      setIsTarget(false);
      if (!isOurs(event)) return;
      event.preventDefault();
      movePicture(event.dataTransfer.getData(kind), index);
    },
  };

  return (
    <li
      className={cx('relative', isTarget && 'rounded-medium outline-2 outline-ember')}
      {...dragging}
    >
      <button
        type="button"
        aria-label={t.place({ place: index + 1, count, name })}
        onKeyDown={press}
        className="relative block aspect-square w-full cursor-grab overflow-hidden rounded-medium bg-sunken"
      >
        <img
          src={address}
          alt=""
          draggable={false}
          className={cx('size-full object-cover', state.is !== 'ready' && 'opacity-50')}
        />
        {state.is === 'uploading' && (
          <span
            role="progressbar"
            aria-label={t.uploading({ name })}
            aria-valuenow={Math.round(state.share * 100)}
            className="absolute inset-x-2 bottom-2 h-[0.25rem] overflow-hidden rounded-full bg-raised"
          >
            <span
              className="block h-full bg-ember transition-[width]"
              style={{ width: `${state.share * 100}%` }}
            />
          </span>
        )}
        {state.is === 'refused' && (
          <span className="absolute inset-0 grid place-items-center bg-bad-soft/70 text-bad">
            <CircleAlert aria-hidden className="size-[1.5rem]" />
          </span>
        )}
        <span
          aria-hidden
          className="tabular absolute top-1 left-1 rounded-small bg-raised px-1 text-small font-semibold"
        >
          {index + 1}
        </span>
      </button>
      {isMasked && (
        <span
          className="pointer-events-none absolute bottom-1 left-1 rounded-small bg-raised px-1
            text-small font-semibold"
        >
          {t.masked}
        </span>
      )}
      <span className="absolute top-0 right-0">
        <Menu
          trigger={
            <IconButton
              icon={Ellipsis}
              size="small"
              label={t.options({ name })}
              className="m-1 h-[1.5rem] w-[1.75rem] bg-raised text-ink"
            />
          }
          items={[
            {
              label: t.crop,
              icon: Crop,
              unavailable: state.is === 'uploading' ? t.uploading({ name }) : undefined,
              onSelect: () => setCropping(readSource(picture)),
            },
            {
              label: t.earlier,
              startsGroup: true,
              icon: ArrowLeft,
              unavailable: index === 0 ? t.alone : undefined,
              onSelect: () => move(index - 1),
            },
            {
              label: t.later,
              icon: ArrowRight,
              unavailable: index === count - 1 ? t.alone : undefined,
              onSelect: () => move(index + 1),
            },
            { label: t.remove, icon: Trash2, startsGroup: true, onSelect: remove },
          ]}
        />
      </span>
      {cropping !== null && (
        <Suspense>
          <CropDialog
            source={cropping}
            shapes={shapes.all}
            first={shapes.first}
            onEnd={(cropped) => {
              setCropping(null);
              if (cropped !== null) replaceByCropped(picture, cropped);
            }}
          />
        </Suspense>
      )}
    </li>
  );
}
