/**
 * What the rules of the model table say about a request: problems refuse it, warnings are kept with
 * the job.
 */
import type { Picture } from '../schemas/picture.ts';
import type { Provider } from './model-table.ts';

export const warningCodes = [
  'unknown_model',
  'model_retired',
  'model_retiring',
  'model_unconfirmed',
  'size_experimental',
  'background_preview',
  'provider_options',
  'simulator',
] as const;

/** `param` is the field to change; `message` names it, what was received and what is allowed. */
export type JobProblem = { param: string; message: string };

export type JobWarning = { code: (typeof warningCodes)[number]; message: string };

export type JobFindings = { problems: JobProblem[]; warnings: JobWarning[] };

/**
 * `model` is the model that will be called, which the request itself may leave to the deployment.
 */
export type JobTarget = {
  provider: Provider;
  model: string;
  today: Date;
  /** Of an edit whose pictures were looked at: what they are, in their order. */
  sources?: readonly Pick<Picture, 'format'>[];
};
