/**
 * The findings of the model rules about a request. A problem refuses the job; a warning is stored
 * with it.
 */
import type { Picture } from '../schemas/picture.ts';
import type { Provider } from './model-table.ts';

export const warningCodes = [
  'unknown_model',
  'model_retired',
  'model_retiring',
  'model_unconfirmed',
  'model_inferred',
  'svg_author_unknown',
  'size_experimental',
  'background_preview',
  'provider_options',
  'simulator',
  'fewer_n',
] as const;

/**
 * `param` is the field to change. `message` names it, the received value and the allowed values.
 */
export type JobProblem = { param: string; message: string };

export type JobWarning = { code: (typeof warningCodes)[number]; message: string };

export type JobFindings = { problems: JobProblem[]; warnings: JobWarning[] };

/** `model` is the model that will be called; the request may leave it to the deployment. */
export type JobTarget = {
  provider: Provider;
  model: string;
  today: Date;
  /** The source pictures of an edit, in order, when they have been checked. */
  sources?: readonly Pick<Picture, 'format'>[];
};
