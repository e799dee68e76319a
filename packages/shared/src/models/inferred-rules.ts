/**
 * Warns when a request relies on a fact that is documented for another model only
 * (`models.json`, `inferred`). The provider may refuse it.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { JobFindings } from './job-findings.ts';
import { fixedSizes, type ModelFacts } from './model-table.ts';

const documentedQualities: readonly string[] = ['auto', 'low', 'medium', 'high'];

export function checkInferred(request: JobRequest, model: ModelFacts | null): JobFindings {
  if (model === null || model.inferredFrom === null) return { problems: [], warnings: [] };
  const used = {
    size: isSet(request.size) && !['auto', ...fixedSizes].includes(request.size),
    quality: isSet(request.quality) && !documentedQualities.includes(request.quality),
    background: request.background === 'transparent',
    input_fidelity: request.input_fidelity !== undefined,
    markup: request.markup !== undefined,
  };
  const fields = Object.entries(used).flatMap(([field, isUsed]) =>
    isUsed && model.inferred.some((fact) => fact === field) ? [field] : [],
  );
  const warnings = fields.map((field) => {
    const value: unknown = request[field as keyof JobRequest];
    const received = typeof value === 'string' ? `received "${value}", which` : 'it';
    return {
      code: 'model_inferred' as const,
      message:
        `${field}: ${received} is documented for ${model.inferredFrom}, and not for ${model.id}; ` +
        'the provider may refuse it',
    };
  });
  return { problems: [], warnings };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined;
}
