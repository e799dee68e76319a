import { useStore } from '@nanostores/react';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useLayoutEffect, useRef, type MouseEvent } from 'react';
import { nameOfWall, type ImageFilter } from '../../../api/images.ts';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { setShelf } from '../../../picture/shelf.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { Tiles } from '../../../wall/Tiles.tsx';
import { postSelection } from '../bulk/bulk-actions.ts';
import { useMarkKeys } from '../bulk/use-mark-keys.ts';
import { chooseAll, isChosen, leaving, selection } from '../selection/selection.ts';
import { usePicking } from '../selection/use-picking.ts';
import { focusPlace, useWallKeys } from '../selection/use-wall-keys.ts';
import { Cell } from './Cell.tsx';
import { shelfOf, useReturn } from './shelf.ts';
import { wallTexts } from './texts.ts';
import type { Images } from './use-images.ts';

/** The pictures as squares: opened by a click, or chosen (use-picking.ts). */
export function Wall({ images, filter }: { images: Images; filter: ImageFilter }) {
  const t = useTexts(wallTexts);
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const chosen = useStore(selection);
  const name = nameOfWall(filter);
  const gone = useStore(leaving).filter(
    ({ all }) => all === null || nameOfWall(all.filter) === name,
  );
  const picking = usePicking(images, box, t.tooMany);
  const isPicking = chosen.all !== null || chosen.ids.size > 0;
  const { target, remember } = useReturn(name);

  useListKeys(t.chooseKey);
  useMarkKeys(images, !isPicking && filter.trashed !== true);
  useShortcuts([{ keys: 'mod+a', label: t.chooseAllKey, isNative: true }]);
  useWallKeys(() =>
    chooseAll(
      filter,
      images.count,
      postSelection({ filter }).then(({ id, count, created_at: createdAt }) => ({
        count,
        token: { id, createdAt },
      })),
    ),
  );
  useEffect(() => {
    if (target === null) return undefined;
    // The wall scrolls there first, and the page's heading has had the focus.
    const timer = setTimeout(() => focusPlace(target.place), 100);
    return () => clearTimeout(timer);
  }, [target]);

  function open(place: number): void {
    const image = images.imageAt(place);
    if (image === undefined) return;
    remember(place);
    setShelf(shelfOf(images, { id: image.id, place }, remember));
    const [jobId = '', index = '0'] = image.id.split('/');
    void navigate({
      to: '/gallery/$jobId/$index',
      params: { jobId, index },
      search: (now: object) => now,
    });
  }
  function press(event: MouseEvent<HTMLElement>): void {
    const element = event.currentTarget;
    const place = Number(element.closest<HTMLElement>('[data-place]')?.dataset['place']);
    const isBox = element.getAttribute('role') === 'checkbox';
    if (!isBox && (event.metaKey || event.ctrlKey)) return; // the browser opens a tab
    event.preventDefault();
    if (event.shiftKey) picking.extendTo(place).catch(({ message }: Error) => showProblem(message));
    else if (isBox || isPicking) picking.toggle(place);
    else open(place);
  }
  // It keeps its identity, so that a scroll renders no cell again.
  const latest = useRef(press);
  useLayoutEffect(() => {
    latest.current = press;
  });
  const onClick = useCallback((event: MouseEvent<HTMLElement>) => latest.current(event), []);
  return (
    <div ref={box} className="pb-8 select-none">
      <Tiles places={images} target={target} label={t.pictures}>
        {(place) => {
          const image = images.imageAt(place);
          return (
            <Cell
              image={image}
              isChosen={image !== undefined && isChosen(chosen, image.id)}
              isPicking={isPicking}
              isLeaving={image !== undefined && gone.some((each) => isChosen(each, image.id))}
              onClick={onClick}
            />
          );
        }}
      </Tiles>
    </div>
  );
}
