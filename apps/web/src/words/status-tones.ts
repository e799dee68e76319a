import type { Tone } from '../components/display/Badge.tsx';
import type { components } from '@kiln/client/openapi';

/** The colour of a job's state, wherever a badge says it. */
export const statusTones: Readonly<Record<components['schemas']['ImageJob']['status'], Tone>> = {
  queued: 'neutral',
  in_progress: 'ember',
  held: 'warn',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'neutral',
  expired: 'neutral',
};
