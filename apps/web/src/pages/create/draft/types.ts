/** Shapes of the API that this page uses, by the names of the API. */
import type { components, paths } from '@kiln/client/openapi';

export type Job = components['schemas']['ImageJob'];
export type JobImage = Job['images'][number];
export type Attempt = components['schemas']['ImageJobAttempt'];
export type ImageModel = components['schemas']['ImageModel'];
export type Validation = components['schemas']['JobValidation'];
export type StoredFile = components['schemas']['File'];
export type JobRequest = paths['/v1/jobs']['post']['requestBody']['content']['application/json'];
