/**
 * Where a picture stands on its stage: a point of the picture, times the scale, plus the offset, is
 * a point of the stage. All lengths are CSS pixels of the stage or pixels of the picture.
 */
export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface View extends Point {
  scale: number;
}

const margin = 24;
const mostScale = 16;

/** The whole picture, in the middle, never larger than its own pixels. */
export function fitted(picture: Size, stage: Size): View {
  const scale = Math.min(1, fittingScale(picture, stage));
  return {
    scale,
    x: (stage.width - picture.width * scale) / 2,
    y: (stage.height - picture.height * scale) / 2,
  };
}

function fittingScale(picture: Size, stage: Size): number {
  const width = Math.max(1, stage.width - 2 * margin);
  const height = Math.max(1, stage.height - 2 * margin);
  return Math.min(width / picture.width, height / picture.height);
}

/** Zooms so that what is under the pointer stays under it. */
export function zoomedAt(
  view: View,
  pointer: Point,
  factor: number,
  { picture, stage }: { picture: Size; stage: Size },
): View {
  const least = Math.min(1, fittingScale(picture, stage)) / 2;
  const scale = Math.min(mostScale, Math.max(least, view.scale * factor));
  const grown = scale / view.scale;
  return {
    scale,
    x: pointer.x - (pointer.x - view.x) * grown,
    y: pointer.y - (pointer.y - view.y) * grown,
  };
}

export function moved(view: View, by: Point): View {
  return { ...view, x: view.x + by.x, y: view.y + by.y };
}

export function toPicture(view: View, { x, y }: Point): Point {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}

export function between(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

export function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
