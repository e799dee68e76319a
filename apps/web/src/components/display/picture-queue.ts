/**
 * Loads and decodes the small pictures of long lists, a few at a time. While a list is scrolled, a
 * hundred a second come into sight. Left to itself, the browser asks for all of them, so that other
 * requests wait behind them, and paints nothing before all in sight are decoded. Here a frame shows
 * a few new ones, those that came into sight last go first, and those that have left it are never
 * asked for, or no longer.
 */

const most = 2;

export interface WantedPicture {
  src: string;
  /** Takes the picture when it can be painted without a wait. */
  onReady: (picture: HTMLImageElement) => void;
  onBroken: () => void;
}

const waiting: WantedPicture[] = [];
/** Those under way, and those that were given up meanwhile. */
const pictures = new WeakMap<WantedPicture, HTMLImageElement | null>();
let underWay = 0;

/** Returns a function that gives the picture up; nothing is called after it. */
export function loadPicture(wanted: WantedPicture): () => void {
  waiting.push(wanted);
  startNext();
  return () => {
    const picture = pictures.get(wanted);
    picture?.removeAttribute('src'); // ends its request
    pictures.set(wanted, null);
    const at = waiting.indexOf(wanted);
    if (at >= 0) waiting.splice(at, 1);
  };
}

function startNext(): void {
  if (underWay === most) return;
  const wanted = waiting.pop();
  if (wanted === undefined) return;
  underWay += 1;
  void load(wanted);
}

async function load(wanted: WantedPicture): Promise<void> {
  const picture = new Image();
  picture.alt = '';
  picture.src = wanted.src;
  pictures.set(wanted, picture);
  const isBroken = await picture.decode().then(
    () => false,
    () => true,
  );
  // The next one begins with the next frame, so that a slow computer takes fewer of them.
  requestAnimationFrame(() => {
    underWay -= 1;
    if (pictures.get(wanted) !== null) {
      pictures.delete(wanted);
      if (isBroken) wanted.onBroken();
      else wanted.onReady(picture);
    }
    startNext();
  });
}
