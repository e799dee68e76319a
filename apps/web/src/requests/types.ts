/** Shapes of the API that say how a picture is made, by the names of the API. */
import type { components, paths } from '@kiln/client/openapi';

export type Job = components['schemas']['ImageJob'];
export type JobRequest = paths['/v1/jobs']['post']['requestBody']['content']['application/json'];
