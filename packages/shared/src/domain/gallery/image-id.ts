/** The id of an image: that of its job and its index, `job_…/0`. */

export interface ImageRef {
  jobId: string;
  index: number;
}

export const imageIdForm = /^(job_[\w-]{1,64})\/(0|[1-9]\d{0,3})$/;

/** Null for any other text. */
export function parseImageId(text: string): ImageRef | null {
  const [, jobId, index] = imageIdForm.exec(text) ?? [];
  return jobId === undefined ? null : { jobId, index: Number(index) };
}

export function formatImageId(jobId: string, index: number): string {
  return `${jobId}/${index}`;
}
