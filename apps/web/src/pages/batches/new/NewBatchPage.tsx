import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page, Panel } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { DefaultsPanel } from './DefaultsPanel.tsx';
import { checkDraft, splitPrompts, type Defaults, type Draft } from './draft.ts';
import type { Sorted } from './dropped-files.ts';
import { FilesInput } from './FilesInput.tsx';
import { Preview } from './Preview.tsx';
import { PromptsInput } from './PromptsInput.tsx';
import { Summary } from './Summary.tsx';
import { newTexts } from './texts.ts';

const nothing: Sorted = { file: null, pictures: [], leftOut: [] };

/** Puts a batch together, and shows what it comes to before anything is spent. */
export function NewBatchPage() {
  const t = useTexts(newTexts);
  const [kind, setKind] = useState<'file' | 'prompts'>('file');
  const [files, setFiles] = useState<Sorted>(nothing);
  const [text, setText] = useState('');
  const [defaults, setDefaults] = useState<Defaults>({});

  const draft = useMemo((): Draft => {
    const { file, pictures } = files;
    return kind === 'file'
      ? { file, pictures, prompts: [], defaults }
      : { file: null, pictures: [], prompts: splitPrompts(text), defaults };
  }, [kind, files, text, defaults]);
  const hasSource = draft.file !== null || draft.prompts.length > 0;
  const preview = usePreview(draft, hasSource);

  return (
    <Page title={t.title} lead={t.lead}>
      <div className="grid items-start gap-5 desktop:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Panel className="flex flex-col gap-5">
            <Segmented
              label={t.source}
              value={kind}
              onChange={setKind}
              segments={[
                { value: 'file', label: t.fromFile },
                { value: 'prompts', label: t.fromPrompts },
              ]}
              className="self-start"
            />
            {kind === 'file' ? (
              <FilesInput files={files} onChange={setFiles} />
            ) : (
              <PromptsInput text={text} prompts={draft.prompts} onChange={setText} />
            )}
          </Panel>
          <DefaultsPanel defaults={defaults} onChange={setDefaults} />
          {hasSource && preview.error !== null && (
            <Notice tone="bad" title={t.unread}>
              {preview.error.message}
            </Notice>
          )}
          {hasSource && preview.isPending && <Reading label={t.reading} />}
          {hasSource && preview.error === null && preview.data !== undefined && (
            <Preview preview={preview.data} isFile={draft.file !== null} />
          )}
        </div>
        <Summary
          draft={draft}
          hasSource={hasSource}
          preview={preview.error === null && hasSource ? preview.data : undefined}
          isFresh={preview.isFresh}
        />
      </div>
    </Page>
  );
}

const settleMs = 350;

/** Checks the draft whenever it has rested for a moment. */
function usePreview(draft: Draft, hasSource: boolean) {
  const [settled, setSettled] = useState({ draft, number: 0 });
  useEffect(() => {
    const timer = setTimeout(
      () => setSettled(({ number }) => ({ draft, number: number + 1 })),
      settleMs,
    );
    return () => clearTimeout(timer);
  }, [draft]);
  const query = useQuery({
    queryKey: ['batch-preview', settled.number],
    queryFn: ({ signal }) => checkDraft(settled.draft, signal),
    enabled: hasSource && (settled.draft.file !== null || settled.draft.prompts.length > 0),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const isFresh = settled.draft === draft && !query.isPlaceholderData && !query.isFetching;
  const { data, error, isPending } = query;
  return { data, error, isPending, isFresh };
}

function Reading({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3">
      <Skeleton className="h-[6rem] rounded-large" />
      <Skeleton className="h-[12rem] rounded-large" />
    </div>
  );
}
