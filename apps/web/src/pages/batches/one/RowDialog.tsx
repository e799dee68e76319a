import { ChevronLeft, ChevronRight, Download } from 'lucide-react';
import { Link } from '@tanstack/react-router';
import { useAttempts } from '../../../api/attempts.ts';
import { address } from '../../../api/client.ts';
import { cx } from '../../../components/cx.ts';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { actionLink } from '../../../components/display/action-link.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { Picture } from '../../../components/display/Picture.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { Dialog } from '../../../components/overlays/Dialog.tsx';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { PictureLink } from '../../../picture/PictureLink.tsx';
import { idOf } from '../../../picture/picture-id.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useCallOutcomes } from '../../../words/call-outcomes.ts';
import type { BatchRow } from '../api.ts';
import { batchShelf } from './batch-shelf.ts';
import { RowState } from './RowState.tsx';
import { RowRunNext } from './RunNext.tsx';
import { rowTexts } from './texts.ts';
import { useRow } from './use-rows.ts';

export interface RowDialogProps {
  batchId: string;
  /** Its number; undefined: nothing is open. */
  row: number | undefined;
  lastRow: number;
  onOpen: (row: number) => void;
  onClose: () => void;
}

/** One row: its pictures, what was asked for, what it cost, and what went wrong. */
export function RowDialog({ batchId, row, lastRow, onOpen, onClose }: RowDialogProps) {
  const t = useTexts(rowTexts);
  const { number } = useFormat();
  const found = useRow(batchId, row);
  const shown = found?.row ?? row ?? 0;
  const isOpen = row !== undefined;
  const previous = (): void => onOpen(Math.max(1, (row ?? 1) - 1));
  const next = (): void => onOpen(Math.min(lastRow, shown + 1));
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      size="large"
      title={`${t.row} ${number(shown)}`}
      actions={
        <>
          <span className="mr-auto flex flex-wrap gap-2">
            {found?.images.map((image, index, { length }) => (
              <a
                key={image.index}
                href={address(image.url)}
                download
                className="inline-flex h-(--control) items-center gap-2 rounded-medium border
                  border-line bg-surface px-4 font-semibold transition hover:border-edge"
              >
                <Download aria-hidden className="size-[1.125rem]" />
                {length === 1 ? t.save : t.saveOne({ number: number(index + 1) })}
              </a>
            ))}
          </span>
          <IconButton icon={ChevronLeft} label={t.previous} keys="ArrowLeft" onClick={previous} />
          <IconButton icon={ChevronRight} label={t.next} keys="ArrowRight" onClick={next} />
        </>
      }
    >
      {isOpen && <Steps previous={previous} next={next} />}
      {found === undefined ? (
        <Skeleton className="h-[16rem] rounded-medium" />
      ) : (
        <Body row={found} batchId={batchId} />
      )}
    </Dialog>
  );
}

/** The keys that lead to the rows beside it. */
function Steps({ previous, next }: { previous: () => void; next: () => void }) {
  const t = useTexts(rowTexts);
  useShortcuts([
    { keys: 'ArrowLeft', label: t.previous, run: previous, whileTyping: true },
    { keys: 'ArrowRight', label: t.next, run: next, whileTyping: true },
  ]);
  return null;
}

function Body({ row, batchId }: { row: BatchRow; batchId: string }) {
  const t = useTexts(rowTexts);
  const { money } = useFormat();
  const { images, prompt, custom_id: customId, error, cost } = row;
  return (
    <div className="grid gap-5 tablet:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex flex-col gap-3">
        {images.map((image) => (
          <div
            key={image.index}
            // It fills the column, and is no higher than most of the screen.
            className="mx-auto max-w-full"
            style={{ width: `calc(60dvh * ${image.width / image.height})` }}
          >
            <PictureLink
              id={idOf({ jobId: row.job_id ?? '', index: image.index })}
              label={t.open}
              shelf={batchShelf(batchId, row)}
            >
              <Picture
                src={address(image.url)}
                alt={prompt ?? ''}
                width={image.width}
                height={image.height}
                thumbhash={image.thumbhash}
                fit="contain"
                loading="eager"
              />
            </PictureLink>
          </div>
        ))}
        {images.length === 0 && error === null && (
          <Skeleton className="h-[16rem] w-full rounded-medium" />
        )}
        {error !== null && (
          <Notice tone="bad" title={error.code.replaceAll('_', ' ')}>
            <p className="break-words">{error.message}</p>
          </Notice>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center gap-3">
          <RowState status={row.status} />
          <span className="tabular font-semibold">
            {cost.actual !== null && money(cost.actual)}
            {cost.actual === null &&
              cost.estimated !== null &&
              t.estimate({ money: money(cost.estimated) })}
          </span>
          <RowRunNext batchId={batchId} row={row} />
        </div>
        <p className="max-h-[30dvh] overflow-y-auto break-words whitespace-pre-line">
          {prompt ?? <span className="text-muted">{t.noPrompt}</span>}
        </p>
        {customId !== null && <p className="text-small break-words text-muted">{customId}</p>}
        {row.job_id !== null && (
          <>
            <Ledger jobId={row.job_id} />
            <Link
              to="/activity/jobs/$jobId"
              params={{ jobId: row.job_id }}
              className={cx(actionLink, 'self-start text-small')}
            >
              {t.more}
            </Link>
          </>
        )}
      </div>
    </div>
  );
}

/** Each call to the provider, and what it cost. */
function Ledger({ jobId }: { jobId: string }) {
  const t = useTexts(rowTexts);
  const { money, duration } = useFormat();
  const { data } = useAttempts(jobId);
  const outcomes = useCallOutcomes();
  // Where a start was missed, nothing was sent.
  const calls = data?.data.filter(({ error }) => error?.code !== 'start_missed') ?? [];
  if (calls.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4 text-small">
      <h3 className="font-semibold">{t.calls(calls.length)}</h3>
      <ol className="flex flex-col gap-1 text-muted">
        {calls.map(({ id, status, cost, started_at: start, finished_at: end }) => (
          <li key={id} className="tabular flex justify-between gap-3">
            <span>
              {outcomes[status]}
              {end !== null && ` · ${duration(end - start)}`}
            </span>
            <span>{cost.actual === null ? '–' : money(cost.actual)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
