/**
 * The list that a picture was opened from, so that the arrow keys lead through it. A page sets it
 * when it opens a picture; without one, such as after a reload, they lead along the gallery's wall.
 */
export interface Shelf {
  /** The picture beside another one, by its id (`job_…/0`); null at an end. */
  neighbour(id: string, step: 1 | -1): Promise<string | null>;
}

/** `job`: no list, but the pictures of the same job. */
type Opened = Shelf | 'job';

let opened: Opened | null = null;

export function setShelf(next: Opened): void {
  opened = next;
}

export function currentShelf(): Opened | null {
  return opened;
}
