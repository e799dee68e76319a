/** Identifies the caller, and the base of the URLs in its responses. */
export interface Caller {
  projectId: string;
  /** Sent with the job to the provider and written to every log line. */
  requestId: string;
  baseUrl: string;
}
