/** Makes room for interactive jobs where bulk jobs have all slots of a worker. */
import { imagePriorities, poolOfImagesQueue } from '../../queue/catalogue.ts';
import type { RunDeps } from './claimed-job.ts';

/** The engine's priorities of the items for which slots are given up. */
export const urgentPriorities = [
  imagePriorities.next,
  ...Object.values(imagePriorities.interactive),
];

/** So many urgent items wait in the queue of a pool while all slots are taken. */
export function freeSlots({ gate }: RunDeps, queue: string, waiting: number): void {
  gate.freeSlots(poolOfImagesQueue(queue), waiting);
}
