/**
 * Checks a request against every rule of its model and provider, before the job is accepted: a
 * mistake must not cost money. Shapes that are the same for every model are
 * `schemas/job-request.ts`. A problem refuses the job; a warning is stored with it.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';
import { checkModelFields } from './model-fields.ts';
import { checkEdit } from './edit-rules.ts';
import { checkBackground, checkCompression, checkOutputFormat } from './format-rules.ts';
import { checkInferred } from './inferred-rules.ts';
import { retirementOf } from './model-retirement.ts';
import { findModel, type ModelFacts } from './model-table.ts';
import { checkProviderOptions } from './provider-option-rules.ts';
import { checkSize } from './size-rules.ts';
import { checkGif, checkSvg } from './svg-gif-rules.ts';
import type { JobWarning, JobFindings, JobTarget } from './job-findings.ts';

/** @param fields Default: the real table of request fields. */
export function checkJobRequest(
  request: JobRequest,
  target: JobTarget,
  fields: RequestFields = requestFields,
): JobFindings {
  const model = findModel(target.model);
  const checks: JobFindings[] = [
    model ? checkModel(model, target) : unknownModel(target.model),
    model ? checkSizeOf(request, model) : nothing(),
    model ? checkQuality(request, model) : nothing(),
    checkOutputFormat(request, model, target.provider),
    checkBackground(request, model, target.provider),
    checkCompression(request, model, target.provider),
    model ? checkModelFields(request, model, fields) : nothing(),
    checkEdit(request, model, target, fields),
    checkSvg(request),
    checkGif(request),
    checkInferred(request, model),
    checkProviderOptions(request, fields),
  ];
  return {
    problems: checks.flatMap((check) => check.problems),
    warnings: checks.flatMap((check) => check.warnings),
  };
}

function nothing(): JobFindings {
  return { problems: [], warnings: [] };
}

function unknownModel(id: string): JobFindings {
  const message =
    `model: received "${id}", which the model table does not know; only the rules for every ` +
    'model were checked, and the cost is not estimated';
  return { problems: [], warnings: [{ code: 'unknown_model', message }] };
}

function checkModel(model: ModelFacts, { provider, today }: JobTarget): JobFindings {
  const warnings: JobWarning[] = [];
  const where = provider === 'azure' ? 'Azure' : 'OpenAI';
  const retirement = retirementOf(model, provider, today);
  if (retirement.status !== 'available') {
    const source =
      retirement.source === 'third-party'
        ? ' (a third-party date, not announced by the provider)'
        : '';
    const message =
      retirement.status === 'retired'
        ? `model: ${model.id} was retired from ${where} on ${retirement.date}${source}; the ` +
          'provider may refuse it'
        : `model: ${model.id} will be retired from ${where} on ${retirement.date}${source}, in ` +
          `${retirement.days} ${retirement.days === 1 ? 'day' : 'days'}`;
    warnings.push({
      code: retirement.status === 'retired' ? 'model_retired' : 'model_retiring',
      message,
    });
  }
  if (provider === 'azure' && !model.azureConfirmed) {
    warnings.push({
      code: 'model_unconfirmed',
      message: `model: ${model.id} is not confirmed to be offered on Azure`,
    });
  }
  return { problems: [], warnings };
}

function checkSizeOf({ size }: JobRequest, model: ModelFacts): JobFindings {
  if (size === undefined) return nothing();
  const check = checkSize(size, model);
  switch (check.status) {
    case 'supported':
      return nothing();
    case 'experimental':
      return {
        problems: [],
        warnings: [
          { code: 'size_experimental', message: `size: received "${size}"; ${check.reason}` },
        ],
      };
    case 'unsupported':
      return {
        problems: [{ param: 'size', message: `size: received "${size}"; ${check.allowed}` }],
        warnings: [],
      };
  }
}

function checkQuality({ quality }: JobRequest, model: ModelFacts): JobFindings {
  if (quality === undefined || model.qualities.includes(quality)) return nothing();
  const message = `quality: received "${quality}"; ${model.id} takes ${model.qualities.join(', ')}`;
  return { problems: [{ param: 'quality', message }], warnings: [] };
}
