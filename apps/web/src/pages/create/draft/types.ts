/** Shapes of the API that this page uses, by the names of the API. */
import type { components } from '@kiln/client/openapi';
import type { Job } from '../../../requests/types.ts';

export type { Job, JobRequest } from '../../../requests/types.ts';
export type JobImage = Job['images'][number];
export type Attempt = components['schemas']['ImageJobAttempt'];
export type ImageModel = components['schemas']['ImageModel'];
export type Validation = components['schemas']['JobValidation'];
export type StoredFile = components['schemas']['File'];
