/** The outcome of one HTTP call to a deployment. */
import type { Chosen, JobWarning } from '../schemas/job.ts';
import type { Fault } from './faults/classify-fault.ts';
import type { AnsweredImage } from './answer/read-images.ts';

export type CallOutcome = {
  httpStatus: number | null;
  providerRequestId: string | null;
  usage: object | null;
  /** The second meter of an SVG document: what the model that wrote it used. */
  svgUsage?: object | null;
} & (
  | { status: 'images'; images: AnsweredImage[]; chosen: Chosen; warnings: JobWarning[] }
  | { status: 'fault'; fault: Fault }
);
