/**
 * Sends a job. It never blocks: the form stays as it is, and several jobs run side by side. Where
 * the request offers what was made before, the visitor decides (results/made-before).
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { announce } from '../../../app/announcer.tsx';
import { keys } from '../../../api/keys.ts';
import { sendJob } from '../../../api/new-job.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { rememberPrompt } from '../draft/prompt-history.ts';
import type { JobRequest } from '../draft/types.ts';
import { madeBefore } from '../results/made-before/made-before.ts';
import { rememberJob } from '../results/recent-jobs.ts';
import { revealResults } from '../results/reveal-results.ts';
import { formTexts } from './texts.ts';

export function useSubmit() {
  const queryClient = useQueryClient();
  const t = useTexts(formTexts);
  return useMutation({
    mutationFn: (request: JobRequest) => sendJob(request),
    onSuccess: (job, request) => {
      if (job.object === 'image.offer') {
        madeBefore.set({ request, jobs: job.made_before });
        return;
      }
      queryClient.setQueryData(keys.job(job.id), job);
      rememberJob(job.id);
      rememberPrompt(request.prompt);
      announce(t.sent);
      revealResults();
    },
    onError: (error) => showProblem(error.message),
  });
}
