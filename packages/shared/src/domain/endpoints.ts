/** The endpoints of the images API that a batch or a job may name. */

export const generationsEndpoint = '/v1/images/generations';

export const editsEndpoint = '/v1/images/edits';

export type Endpoint = typeof generationsEndpoint | typeof editsEndpoint;
