/** Who asks, and how its answers are addressed. */
export interface Caller {
  projectId: string;
  /** Travels with the job to the provider and into every log line. */
  requestId: string;
  baseUrl: string;
}
