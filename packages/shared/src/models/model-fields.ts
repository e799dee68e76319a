/** Which request fields a model takes, derived from the table of request fields. */
import type { JobRequest } from '../schemas/job-request.ts';
import { namesOf, type RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';
import type { JobFindings } from './job-findings.ts';
import type { ModelFacts } from './model-table.ts';

/** The fields of a job that are parameters of this model. */
export function listModelFields(
  model: ModelFacts,
  fields: RequestFields = requestFields,
): string[] {
  return namesOf(
    fields,
    ({ requests, models }) =>
      requests.includes('job') && (models === 'all' || models?.(model) === true),
  );
}

/** The fields that only edits take. A request without images must not have them. */
export function listEditOnlyFields(fields: RequestFields = requestFields): string[] {
  return namesOf(
    fields,
    ({ requests }, name) =>
      name !== 'images' && requests.includes('edits') && !requests.includes('generations'),
  );
}

/** Refuses fields that the model does not take. */
export function checkModelFields(
  request: JobRequest,
  model: ModelFacts,
  fields: RequestFields = requestFields,
): JobFindings {
  const isEdit = request.images !== undefined;
  const refused = Object.keys(request).filter((name) => {
    const { models } = fields[name] ?? {};
    return (
      typeof models === 'function' &&
      !models(model) &&
      request[name as keyof JobRequest] !== undefined &&
      (isEdit || !listEditOnlyFields(fields).includes(name))
    );
  });
  const problems = refused.map((name) => {
    const value: unknown = request[name as keyof JobRequest];
    const received = typeof value === 'object' ? '' : ` received ${JSON.stringify(value)};`;
    return {
      param: name,
      message: `${name}:${received} ${model.id} does not take the field; leave it out`,
    };
  });
  return { problems, warnings: [] };
}
