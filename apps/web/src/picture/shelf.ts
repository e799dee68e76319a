/**
 * The list that a picture was opened from, so that the arrow keys lead through it. The wall sets it
 * when it opens a picture; without one, such as after a reload, they lead through the job's own.
 */
export interface Shelf {
  /** The picture beside another one, by its id (`job_…/0`); null at an end. */
  neighbour(id: string, step: 1 | -1): Promise<string | null>;
}

let shelf: Shelf | null = null;

export function setShelf(next: Shelf | null): void {
  shelf = next;
}

export function currentShelf(): Shelf | null {
  return shelf;
}
