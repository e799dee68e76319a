/**
 * Rules of SVG documents and animated gifs, as OpenAI documents them: what they take besides the
 * fields of other pictures, and what they do not. They hold for every model that makes them, so
 * also for one that the model table does not know. What a compression is, `format-rules.ts` says.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import { findSvgAuthor } from './model-table.ts';
import type { JobFindings, JobProblem, JobWarning } from './job-findings.ts';

export function checkSvg(request: JobRequest): JobFindings {
  const { svg, n = 1, images, output_format: format } = request;
  if (format !== 'svg')
    return { problems: svg === undefined ? [] : [only('svg', 'svg', format)], warnings: [] };
  const problems: JobProblem[] = [];
  const warnings: JobWarning[] = [];
  if (n !== 1)
    problems.push({
      param: 'n',
      message:
        `n: received ${n}; with output_format "svg" it takes 1, so send a job for each ` +
        'document',
    });
  if (svg !== undefined && svg.model === undefined && images === undefined)
    problems.push({
      param: 'svg.model',
      message:
        'svg.model: missing; name the model that writes the document, or leave svg out, and the ' +
        'provider chooses it',
    });
  if (svg?.model !== undefined && findSvgAuthor(svg.model) === null)
    warnings.push({
      code: 'svg_author_unknown',
      message:
        `svg.model: received "${svg.model}", whose price the model table does not know; the cost ` +
        'of the job will not be known',
    });
  return { problems, warnings };
}

/** Their number of frames is checked by the schema: 2 to 16. */
export function checkGif(request: JobRequest): JobFindings {
  const { output_format: format, mask } = request;
  const problems: JobProblem[] = [];
  if (format === 'gif' && mask !== undefined)
    problems.push({
      param: 'mask',
      message:
        'mask: received with output_format "gif", which takes no mask; leave one of them out',
    });
  for (const field of ['frame_count', 'frame_duration_ms'] as const)
    if (format !== 'gif' && request[field] !== undefined) problems.push(only(field, 'gif', format));
  return { problems, warnings: [] };
}

function only(param: string, format: string, received: string | undefined): JobProblem {
  const found = received === undefined ? 'png (the default)' : `"${received}"`;
  return {
    param,
    message:
      `${param}: received with output_format ${found}; only ${format} takes it, so set ` +
      `output_format to ${format}, or leave ${param} out`,
  };
}
