/**
 * How a picture stands on its stage, apart from the sizes of both: pictures of different sizes
 * share a zoom when they are compared. `factor` 1 shows all of a picture; `x` and `y` are the
 * shares of the picture that stand in the middle of the stage. All lengths are CSS pixels.
 */
export interface Zoom {
  factor: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Sizes {
  picture: Size;
  stage: Size;
  /** Pixels of the screen in a CSS pixel. */
  ratio: number;
}

export const wholePicture: Zoom = { factor: 1, x: 0.5, y: 0.5 };

/** CSS pixels of a pixel of the picture, at most. */
const mostScale = 16;

/** The scale that shows all of a picture, never larger than its own pixels. */
function fittingScale({ picture, stage }: Sizes): number {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height);
  return Math.max(0.001, Math.min(1, scale));
}

/** CSS pixels of a pixel of the picture. */
export function scaleOf(zoom: Zoom, sizes: Sizes): number {
  return fittingScale(sizes) * zoom.factor;
}

/** Whether a pixel of the picture is one of the screen. */
function isSharp(zoom: Zoom, sizes: Sizes): boolean {
  return Math.abs(scaleOf(zoom, sizes) * sizes.ratio - 1) < 0.005;
}

/** Where the picture stands: its corner, on whole pixels of the screen, and its size. */
export function placeOf(zoom: Zoom, sizes: Sizes): Point & Size {
  const { picture, stage, ratio } = sizes;
  const scale = scaleOf(zoom, sizes);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const whole = (length: number): number => Math.round(length * ratio) / ratio;
  return {
    x: whole(stage.width / 2 - zoom.x * width),
    y: whole(stage.height / 2 - zoom.y * height),
    width,
    height,
  };
}

/**
 * Zooms so that what is under the pointer stays under it.
 * @param pointer from the middle of the stage
 */
export function zoomedBy(zoom: Zoom, by: number, pointer: Point, sizes: Sizes): Zoom {
  return zoomedTo(zoom, scaleOf(zoom, sizes) * by, pointer, sizes);
}

/**
 * Shows each pixel of the picture as one of the screen, or all of it where it stands so already.
 */
export function toggledSharp(zoom: Zoom, pointer: Point, sizes: Sizes): Zoom {
  return isSharp(zoom, sizes) ? wholePicture : zoomedTo(zoom, 1 / sizes.ratio, pointer, sizes);
}

function zoomedTo(zoom: Zoom, wanted: number, pointer: Point, sizes: Sizes): Zoom {
  const fitting = fittingScale(sizes);
  const least = Math.min(fitting, 1 / sizes.ratio);
  const before = scaleOf(zoom, sizes);
  const scale = Math.min(mostScale, Math.max(least, wanted));
  const { width, height } = sizes.picture;
  return kept(
    {
      factor: scale / fitting,
      x: zoom.x + (pointer.x / before - pointer.x / scale) / width,
      y: zoom.y + (pointer.y / before - pointer.y / scale) / height,
    },
    sizes,
  );
}

/** Moves the picture by a way on the stage. */
export function movedBy(zoom: Zoom, by: Point, sizes: Sizes): Zoom {
  const scale = scaleOf(zoom, sizes);
  const { width, height } = sizes.picture;
  return kept(
    { ...zoom, x: zoom.x - by.x / scale / width, y: zoom.y - by.y / scale / height },
    sizes,
  );
}

/** Keeps the stage covered where the picture is larger, and the picture in its middle where not. */
function kept(zoom: Zoom, sizes: Sizes): Zoom {
  const scale = scaleOf(zoom, sizes);
  const { picture, stage } = sizes;
  const keep = (share: number, length: number, room: number): number => {
    const half = room / 2 / (length * scale);
    return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, share));
  };
  return {
    ...zoom,
    x: keep(zoom.x, picture.width, stage.width),
    y: keep(zoom.y, picture.height, stage.height),
  };
}
