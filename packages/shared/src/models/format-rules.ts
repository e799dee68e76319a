/**
 * Rules between output_format, background and output_compression. When two fields conflict, the
 * message names the one to change and mentions the other. Without output_format, every provider
 * answers with png.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { ModelFacts, OutputFormat, Provider } from './model-table.ts';
import type { JobFindings } from './job-findings.ts';

const defaultFormat: OutputFormat = 'png';
const transparentFormats: readonly OutputFormat[] = ['png', 'webp'];
const compressedFormats: readonly OutputFormat[] = ['jpeg', 'webp'];

export function checkOutputFormat(
  request: JobRequest,
  model: ModelFacts | null,
  provider: Provider,
): JobFindings {
  const format = request.output_format;
  if (format === undefined || !model || model.formats[provider].includes(format)) return nothing();
  const where = provider === 'azure' ? 'Azure' : 'OpenAI';
  return problem(
    'output_format',
    `received "${format}"; ${model.id} on ${where} takes ${model.formats[provider].join(' or ')}`,
  );
}

export function checkBackground(
  request: JobRequest,
  model: ModelFacts | null,
  provider: Provider,
): JobFindings {
  if (request.background !== 'transparent') return nothing();
  if (model?.transparent === false) {
    return problem('background', `received "transparent"; ${model.id} takes auto or opaque`);
  }
  const findings = nothing();
  if (model?.transparent === 'preview') {
    findings.warnings.push({
      code: 'background_preview',
      message:
        `background: received "transparent", which is a preview of ${model.id}; the provider ` +
        'may change or refuse it',
    });
  }
  const format = request.output_format ?? defaultFormat;
  if (!transparentFormats.includes(format)) {
    const allowed = offered(transparentFormats, model, provider).join(' or ');
    findings.problems.push({
      param: 'output_format',
      message:
        `output_format: received "${format}" with background "transparent", ` +
        `which takes ${allowed}`,
    });
  }
  return findings;
}

export function checkCompression(
  request: JobRequest,
  model: ModelFacts | null,
  provider: Provider,
): JobFindings {
  const compression = request.output_compression;
  const format = request.output_format ?? defaultFormat;
  if (compression === undefined || compressedFormats.includes(format)) return nothing();
  // 100 is what the providers assume without the field. Only SVG documents refuse it as well.
  if (compression === 100 && format !== 'svg') return nothing();
  const received = request.output_format === undefined ? `${format} (the default)` : `"${format}"`;
  // Do not suggest jpeg with a transparent background: it would be refused as well.
  const allowed = offered(compressedFormats, model, provider).filter(
    (each) => request.background !== 'transparent' || transparentFormats.includes(each),
  );
  const remedy =
    allowed.length > 0
      ? `set output_format to ${allowed.join(' or ')}, or leave it out`
      : 'leave it out';
  return problem(
    'output_compression',
    `received ${compression} with output_format ${received}; ${remedy}`,
  );
}

function offered(
  formats: readonly OutputFormat[],
  model: ModelFacts | null,
  provider: Provider,
): readonly OutputFormat[] {
  return model ? formats.filter((format) => model.formats[provider].includes(format)) : formats;
}

function nothing(): JobFindings {
  return { problems: [], warnings: [] };
}

function problem(param: string, message: string): JobFindings {
  return { problems: [{ param, message: `${param}: ${message}` }], warnings: [] };
}
