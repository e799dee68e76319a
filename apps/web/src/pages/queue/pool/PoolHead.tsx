import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CirclePause, Hourglass, Pause, Play } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Badge } from '../../../components/display/Badge.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import { queueTexts } from '../texts.ts';
import type { Pool } from '../types.ts';

/** The pool's name, its state, and the button that pauses it or lets it go on. */
export function PoolHead({ pool: { name, status } }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  const queryClient = useQueryClient();
  const isOpen = status === 'open';
  const change = useMutation({
    mutationFn: () => {
      const params = { params: { path: { name } } };
      return answer(
        isOpen
          ? client.POST('/v1/pools/{name}/pause', params)
          : client.POST('/v1/pools/{name}/resume', params),
      );
    },
    onSuccess: async () => {
      showToast(isOpen ? t.pausedNote({ pool: name }) : t.resumedNote({ pool: name }));
      await queryClient.invalidateQueries({ queryKey: keys.pools });
      await queryClient.invalidateQueries({ queryKey: keys.queue });
    },
    onError: (error) => showProblem(error.message),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <h2 className="min-w-0 truncate text-lead font-semibold">{name}</h2>
      <StatusBadge status={status} />
      <Button
        size="small"
        icon={isOpen ? Pause : Play}
        isBusy={change.isPending}
        onClick={() => change.mutate()}
        className="ml-auto"
      >
        {isOpen ? t.pause : t.resume}
      </Button>
    </div>
  );
}

function StatusBadge({ status }: Pick<Pool, 'status'>) {
  const t = useTexts(queueTexts);
  if (status === 'open')
    return (
      <Badge tone="good" icon={CircleCheck}>
        {t.open}
      </Badge>
    );
  return status === 'blocked' ? (
    <Badge tone="warn" icon={Hourglass}>
      {t.blocked}
    </Badge>
  ) : (
    <Badge tone="warn" icon={CirclePause}>
      {t.paused}
    </Badge>
  );
}
