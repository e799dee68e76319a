/** The jobs that go on after their work items have run. A process waits for them when it stops. */
export interface CallsUnderWay {
  /** Follows a job until it has ended; it must not reject. */
  add(job: Promise<unknown>): void;
  /** Resolves when no job goes on. */
  finished(): Promise<void>;
}

export function createCallsUnderWay(): CallsUnderWay {
  const jobs = new Set<Promise<unknown>>();
  return {
    add(job) {
      jobs.add(job);
      void job.finally(() => jobs.delete(job));
    },
    async finished() {
      while (jobs.size > 0) await Promise.all(jobs);
    },
  };
}
