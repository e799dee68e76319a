import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { cx } from '../components/cx.ts';
import { useTexts } from '../texts/i18n.ts';
import {
  corners,
  movedBy,
  shareOf,
  withCornerAt,
  withShare,
  type Corner,
  type Frame,
  type Point,
  type Size,
} from './frame.ts';
import { cropTexts } from './texts.ts';

interface CropStageProps {
  /** Address of the picture. */
  address: string;
  picture: Size;
  shape: number | null;
  frame: Frame;
  onFrame: (frame: Frame) => void;
}

type Gesture = { kind: 'move'; last: Point } | { kind: 'corner'; corner: Corner };

/** How far an arrow key moves the frame, as a share of the picture. */
const step = 0.01;
const longStep = 0.1;

const places: Readonly<Record<Corner, string>> = {
  nw: 'top-0 left-0 cursor-nwse-resize',
  ne: 'top-0 left-full cursor-nesw-resize',
  sw: 'top-full left-0 cursor-nesw-resize',
  se: 'top-full left-full cursor-nwse-resize',
};

/** The picture and the frame above it, moved by a finger, a pointer or keys. */
export function CropStage({ address, picture, shape, frame, onFrame }: CropStageProps) {
  const t = useTexts(cropTexts);
  const stage = useRef<HTMLDivElement>(null);
  const gesture = useRef<Gesture | null>(null);

  function pointOf({ clientX, clientY }: PointerEvent): Point {
    const {
      left = 0,
      top = 0,
      width = 1,
      height = 1,
    } = stage.current?.getBoundingClientRect() ?? {};
    return {
      x: ((clientX - left) / width) * picture.width,
      y: ((clientY - top) / height) * picture.height,
    };
  }
  function begin(event: PointerEvent<HTMLElement>, corner: Corner | null): void {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    gesture.current =
      corner === null ? { kind: 'move', last: pointOf(event) } : { kind: 'corner', corner };
  }
  function go(event: PointerEvent<HTMLElement>): void {
    const current = gesture.current;
    if (current === null) return;
    const point = pointOf(event);
    if (current.kind === 'corner') {
      onFrame(withCornerAt(frame, current.corner, point, { picture, shape }));
      return;
    }
    const by = { x: point.x - current.last.x, y: point.y - current.last.y };
    current.last = point;
    onFrame(movedBy(frame, by, picture));
  }
  function end(): void {
    gesture.current = null;
  }
  function press(event: KeyboardEvent): void {
    const share = event.shiftKey ? longStep : step;
    const [right, down] = [picture.width * share, picture.height * share];
    const ways: Readonly<Record<string, Point>> = {
      ArrowLeft: { x: -right, y: 0 },
      ArrowRight: { x: right, y: 0 },
      ArrowUp: { x: 0, y: -down },
      ArrowDown: { x: 0, y: down },
    };
    const by = ways[event.key];
    if (by !== undefined) onFrame(movedBy(frame, by, picture));
    else if (event.key === '+' || event.key === '=') resize(share);
    else if (event.key === '-') resize(-share);
    else return;
    event.preventDefault();
  }
  function resize(by: number): void {
    onFrame(withShare(frame, shareOf(frame, picture) + by, picture));
  }

  const framing = {
    tabIndex: 0,
    onKeyDown: press,
    onPointerDown: (event: PointerEvent<HTMLElement>) => begin(event, null),
    onPointerMove: go,
    onPointerUp: end,
    onPointerCancel: end,
  };
  const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`;
  const place = {
    left: percent(frame.x, picture.width),
    top: percent(frame.y, picture.height),
    width: percent(frame.width, picture.width),
    height: percent(frame.height, picture.height),
  };
  return (
    <div
      ref={stage}
      className="relative mx-auto max-w-full touch-none select-none"
      style={{
        aspectRatio: `${picture.width} / ${picture.height}`,
        width: `min(100%, calc(52dvh * ${picture.width / picture.height}))`,
      }}
    >
      <div className="absolute inset-0 overflow-hidden rounded-small bg-sunken">
        <img src={address} alt="" draggable={false} className="size-full" />
        {/* What is cut off is dimmed. */}
        <span className="absolute shadow-[0_0_0_100vmax_rgb(0_0_0/0.55)]" style={place} />
      </div>
      <div
        role="application"
        aria-label={t.stage}
        data-testid="crop-frame"
        {...framing}
        className="absolute cursor-move border-2 border-[#fff] outline-offset-4"
        style={place}
      >
        {corners.map((corner) => (
          <span
            key={corner}
            data-corner={corner}
            onPointerDown={(event) => begin(event, corner)}
            className={cx(
              'absolute size-[2.75rem] -translate-x-1/2 -translate-y-1/2',
              places[corner],
            )}
          >
            <span
              aria-hidden
              className="absolute inset-0 m-auto size-[1rem] rounded-full border-2 border-[#fff]
                bg-ember"
            />
          </span>
        ))}
      </div>
    </div>
  );
}
