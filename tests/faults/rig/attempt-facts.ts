export interface AttemptFacts {
  job_id: string;
  no: number;
  status: string;
  worker: string;
  error: { code: string; message: string } | null;
  started_at: Date;
  finished_at: Date | null;
}
