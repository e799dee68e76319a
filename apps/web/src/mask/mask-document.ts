/**
 * The mask of one picture. What was painted is kept as a list of shapes, not as copies of pixels,
 * so that 40 steps of a picture of 4K cost next to nothing: undoing draws the shapes again, from
 * the pixels of those that are too old to be undone. Painted means: may be changed.
 */
import { atom } from 'nanostores';
import { emptyHistory, redoneOnce, undoneOnce, withStep, type History } from './history.ts';
import type { PaintedShape } from './shapes.ts';
import { soften } from './soften.ts';
import type { Point, Size } from './view.ts';

export type Shape =
  | PaintedShape
  | { kind: 'invert' }
  | { kind: 'clear' }
  | { kind: 'image'; image: ImageBitmap };

export interface MaskState {
  /** Grows with every change. */
  version: number;
  canUndo: boolean;
  canRedo: boolean;
  /** Whether nothing, or everything, is painted. */
  covers: 'nothing' | 'some' | 'everything';
}

/** The colour of what is painted; the page shows it half transparent. */
const colour = '#f2854b';
const sampleEdge = 256;

export class MaskDocument {
  readonly size: Size;
  readonly state = atom<MaskState>({
    version: 0,
    canUndo: false,
    canRedo: false,
    covers: 'nothing',
  });
  /** The soft edge, in pixels of the picture. */
  readonly feather = atom(0);
  readonly canvas: HTMLCanvasElement;
  readonly #settled: HTMLCanvasElement;
  #history: History<Shape> = emptyHistory();
  #live: Shape | null = null;

  constructor(size: Size) {
    this.size = size;
    this.canvas = canvasOf(size);
    this.canvas.className = 'absolute inset-0 size-full';
    this.#settled = canvasOf(size);
  }

  /** Draws a shape that is not finished: it replaces the one that `preview` drew before. */
  preview(shape: Shape): void {
    const grown = this.#live;
    this.#live = shape;
    if (grown?.kind === 'stroke' && shape.kind === 'stroke') {
      // A stroke only grows at its end, so what is there already stays.
      draw(this.canvas, { ...shape, points: shape.points.slice(grown.points.length - 1) });
      return;
    }
    this.#redraw();
    draw(this.canvas, shape);
  }

  /** Gives up the unfinished shape. */
  cancel(): void {
    if (this.#live === null) return;
    this.#live = null;
    this.#redraw();
  }

  add(shape: Shape): void {
    this.#live = null;
    this.#history = withStep(this.#history, shape, (oldest) => draw(this.#settled, oldest));
    this.#redraw();
    this.#changed();
  }

  undo(): void {
    this.#history = undoneOnce(this.#history);
    this.#redraw();
    this.#changed();
  }

  redo(): void {
    this.#history = redoneOnce(this.#history);
    this.#redraw();
    this.#changed();
  }

  /**
   * The mask as the API takes it: a png of the picture's size, transparent where the picture may be
   * changed.
   */
  async toPng(): Promise<Blob> {
    const { width, height } = this.size;
    const pixels = contextOf(this.canvas).getImageData(0, 0, width, height);
    const painted = new Uint8Array(width * height);
    for (let at = 0; at < painted.length; at += 1) painted[at] = pixels.data[at * 4 + 3] ?? 0;
    soften(painted, width, height, this.feather.get());
    pixels.data.fill(0);
    for (let at = 0; at < painted.length; at += 1)
      pixels.data[at * 4 + 3] = 255 - (painted[at] ?? 0);
    const out = canvasOf(this.size);
    contextOf(out).putImageData(pixels, 0, 0);
    const { promise, resolve, reject } = Promise.withResolvers<Blob>();
    out.toBlob(
      (blob) => (blob === null ? reject(new Error('the mask became no png')) : resolve(blob)),
      'image/png',
    );
    return promise;
  }

  /**
   * Replaces the mask by one from a file: transparent parts may be changed; in a picture without
   * transparency the white ones.
   */
  async importPng(file: Blob): Promise<void> {
    const image = await createImageBitmap(file);
    const read = canvasOf(this.size);
    const context = contextOf(read);
    context.drawImage(image, 0, 0, this.size.width, this.size.height);
    image.close();
    const pixels = context.getImageData(0, 0, this.size.width, this.size.height);
    const { data } = pixels;
    let isTransparent = false;
    for (let at = 3; at < data.length; at += 4) isTransparent ||= (data[at] ?? 0) < 250;
    const [red, green, blue] = [0xf2, 0x85, 0x4b];
    for (let at = 0; at < data.length; at += 4) {
      const painted = isTransparent
        ? 255 - (data[at + 3] ?? 0)
        : ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
      data.set([red, green, blue, painted], at);
    }
    context.putImageData(pixels, 0, 0);
    this.add({ kind: 'image', image: await createImageBitmap(read) });
  }

  #redraw(): void {
    const context = contextOf(this.canvas);
    context.clearRect(0, 0, this.size.width, this.size.height);
    context.drawImage(this.#settled, 0, 0);
    for (const shape of this.#history.done) draw(this.canvas, shape);
  }

  #changed(): void {
    this.state.set({
      version: this.state.get().version + 1,
      canUndo: this.#history.done.length > 0,
      canRedo: this.#history.undone.length > 0,
      covers: this.#measure(),
    });
  }

  /** Looks at a small copy, because reading all pixels of a large picture takes long. */
  #measure(): MaskState['covers'] {
    const shrunk = Math.min(1, sampleEdge / Math.max(this.size.width, this.size.height));
    const width = Math.max(1, Math.round(this.size.width * shrunk));
    const height = Math.max(1, Math.round(this.size.height * shrunk));
    const sample = canvasOf({ width, height });
    const context = contextOf(sample);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.canvas, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    let [least, most] = [255, 0];
    for (let at = 3; at < data.length; at += 4) {
      least = Math.min(least, data[at] ?? 0);
      most = Math.max(most, data[at] ?? 0);
    }
    if (most === 0) return 'nothing';
    return least >= 254 ? 'everything' : 'some';
  }
}

function canvasOf({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: false });
  if (context === null) throw new Error('this browser has no canvas');
  return context;
}

function draw(canvas: HTMLCanvasElement, shape: Shape): void {
  const context = contextOf(canvas);
  const { width, height } = canvas;
  context.save();
  context.fillStyle = context.strokeStyle = colour;
  switch (shape.kind) {
    case 'clear':
      context.clearRect(0, 0, width, height);
      break;
    case 'invert':
      context.globalCompositeOperation = 'xor';
      context.fillRect(0, 0, width, height);
      break;
    case 'image':
      context.clearRect(0, 0, width, height);
      context.drawImage(shape.image, 0, 0);
      break;
    case 'area':
      if (shape.erases) context.globalCompositeOperation = 'destination-out';
      context.fill(pathOf(shape.points));
      break;
    case 'stroke':
      if (shape.erases) context.globalCompositeOperation = 'destination-out';
      context.lineWidth = shape.size;
      context.lineCap = context.lineJoin = 'round';
      context.stroke(pathOf(shape.points));
      break;
  }
  context.restore();
}

function pathOf([first, ...rest]: readonly Point[]): Path2D {
  const path = new Path2D();
  if (first === undefined) return path;
  path.moveTo(first.x, first.y);
  // A point alone is a line to itself, whose round caps make a dot.
  for (const { x, y } of rest.length === 0 ? [first] : rest) path.lineTo(x, y);
  return path;
}
