import type { Job, JobRequest } from './types.ts';

/** The request of a job, as it would be sent again. */
export function requestOfJob({ request, model, priority, metadata, ...job }: Job): JobRequest {
  const { partial_images: _streamed, ...rest } = request;
  return {
    ...rest,
    model,
    ...(priority === 'interactive' ? {} : { priority }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(job.webhook_url === null ? {} : { webhook_url: job.webhook_url }),
    ...(job.webhook_events === null
      ? {}
      : { webhook_events: job.webhook_events as NonNullable<JobRequest['webhook_events']> }),
  };
}
