/** Earlier jobs with the same request as the one that was sent, until the visitor decides. */
import { atom } from 'nanostores';
import type { Job, JobRequest } from '../../draft/types.ts';

export interface MadeBefore {
  request: JobRequest;
  /** The newest first; nothing was paid for finding them. */
  jobs: readonly Job[];
}

export const madeBefore = atom<MadeBefore | null>(null);
