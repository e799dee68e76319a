/** The endpoints of the images API that a batch or a job may name. */

export const generationsEndpoint = '/v1/images/generations';

export const editsEndpoint = '/v1/images/edits';

export const endpoints = [generationsEndpoint, editsEndpoint] as const;

export type Endpoint = (typeof endpoints)[number];
