/**
 * The part of a picture that stays when it is cropped. Lengths are pixels of the picture, turned as
 * its EXIF says, and may be fractions until `toWholePixels`. A shape is width divided by height;
 * null: any.
 */
export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Frame extends Point, Size {}

export const corners = ['nw', 'ne', 'sw', 'se'] as const;
export type Corner = (typeof corners)[number];

/** Edges are never shorter, where the picture has as many pixels. */
const leastEdge = 64;

/** The largest frame of a shape, in the middle. */
export function largestFrame(picture: Size, shape: number | null): Frame {
  const width = shape === null ? picture.width : Math.min(picture.width, picture.height * shape);
  const height = shape === null ? picture.height : width / shape;
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

/** Moves a frame, and keeps it inside the picture. */
export function movedBy(frame: Frame, by: Point, picture: Size): Frame {
  return {
    ...frame,
    x: clamp(frame.x + by.x, 0, picture.width - frame.width),
    y: clamp(frame.y + by.y, 0, picture.height - frame.height),
  };
}

/** Brings a corner to a point as far as the picture and the shape allow; its opposite one stays. */
export function withCornerAt(
  frame: Frame,
  corner: Corner,
  point: Point,
  { picture, shape }: { picture: Size; shape: number | null },
): Frame {
  const isEast = corner.endsWith('e');
  const isSouth = corner.startsWith('s');
  const fixed = {
    x: isEast ? frame.x : frame.x + frame.width,
    y: isSouth ? frame.y : frame.y + frame.height,
  };
  const room = {
    width: isEast ? picture.width - fixed.x : fixed.x,
    height: isSouth ? picture.height - fixed.y : fixed.y,
  };
  const wanted = {
    width: isEast ? point.x - fixed.x : fixed.x - point.x,
    height: isSouth ? point.y - fixed.y : fixed.y - point.y,
  };
  const { width, height } = sized(wanted, room, shape);
  return {
    x: isEast ? fixed.x : fixed.x - width,
    y: isSouth ? fixed.y : fixed.y - height,
    width,
    height,
  };
}

/** Its size as a share of the largest one of its shape, 0 to 1. */
export function shareOf({ width, height }: Frame, picture: Size): number {
  return width / largestFrame(picture, width / height).width;
}

/** A frame of the same shape around the same middle, as near as the picture allows. */
export function withShare(frame: Frame, share: number, picture: Size): Frame {
  const largest = largestFrame(picture, frame.width / frame.height);
  const least = Math.min(1, leastEdge / Math.min(largest.width, largest.height));
  const scale = clamp(share, least, 1);
  const [width, height] = [largest.width * scale, largest.height * scale];
  const x = frame.x + (frame.width - width) / 2;
  const y = frame.y + (frame.height - height) / 2;
  return movedBy({ x, y, width, height }, { x: 0, y: 0 }, picture);
}

export function toWholePixels(frame: Frame, picture: Size): Frame {
  const width = clamp(Math.round(frame.width), 1, picture.width);
  const height = clamp(Math.round(frame.height), 1, picture.height);
  return {
    x: clamp(Math.round(frame.x), 0, picture.width - width),
    y: clamp(Math.round(frame.y), 0, picture.height - height),
    width,
    height,
  };
}

function sized(wanted: Size, room: Size, shape: number | null): Size {
  const least = Math.min(leastEdge, room.width, room.height);
  if (shape === null)
    return {
      width: clamp(wanted.width, least, room.width),
      height: clamp(wanted.height, least, room.height),
    };
  const most = Math.min(room.width, room.height * shape);
  const leastWidth = Math.min(most, least * Math.max(1, shape));
  const width = clamp(Math.max(wanted.width, wanted.height * shape), leastWidth, most);
  return { width, height: width / shape };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
