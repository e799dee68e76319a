/** Ids of pictures: `job_…/0`. */
export interface PictureId {
  jobId: string;
  index: number;
}

export function idOf({ jobId, index }: PictureId): string {
  return `${jobId}/${index}`;
}

export function readId(id: string): PictureId {
  const [jobId = '', index = '0'] = id.split('/');
  return { jobId, index: Number(index) };
}

/** The path of a picture in the addresses of the studio. */
export function paramsOf(id: string): { jobId: string; index: string } {
  const { jobId, index } = readId(id);
  return { jobId, index: String(index) };
}
