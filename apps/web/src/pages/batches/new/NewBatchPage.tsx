import { useMemo, useState } from 'react';
import { cx } from '../../../components/cx.ts';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page, Panel } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { DefaultsPanel } from './DefaultsPanel.tsx';
import type { Defaults, Draft, Reading, Source } from './draft.ts';
import { noFiles } from './input/dropped-files.ts';
import { FilesInput } from './input/FilesInput.tsx';
import { PromptsInput } from './input/PromptsInput.tsx';
import { splitPrompts } from './input/split-prompts.ts';
import { emptyTemplate, toSource } from './input/template.ts';
import { TemplateInput } from './input/TemplateInput.tsx';
import { Preview } from './preview/Preview.tsx';
import { Summary } from './Summary.tsx';
import { newTexts } from './texts.ts';
import { usePreview } from './use-preview.ts';

/** Puts a batch together, and shows what it comes to before anything is spent. */
export function NewBatchPage() {
  const t = useTexts(newTexts);
  const [kind, setKind] = useState<Source['kind']>('file');
  const [files, setFiles] = useState(noFiles);
  const [reading, setReading] = useState<Reading>({});
  const [text, setText] = useState('');
  const [template, setTemplate] = useState(emptyTemplate);
  const [defaults, setDefaults] = useState<Defaults>({});
  const [asDrafts, setAsDrafts] = useState(false);

  const prompts = useMemo(() => splitPrompts(text), [text]);
  const draft = useMemo((): Draft => {
    const sourceOf = {
      file: (): Source | null => {
        const { file, pictures } = files;
        return file === null ? null : { kind: 'file', file, pictures, reading };
      },
      prompts: (): Source | null => (prompts.length === 0 ? null : { kind: 'prompts', prompts }),
      template: () => toSource(template),
    };
    return { source: sourceOf[kind](), defaults, asDrafts };
  }, [kind, files, reading, prompts, template, defaults, asDrafts]);
  const { preview, problem, isReading, isFresh } = usePreview(draft);

  return (
    <Page title={t.title} lead={t.lead}>
      <div className="grid items-start gap-5 min-[76rem]:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Panel className="flex flex-col gap-5">
            <Segmented
              label={t.source}
              value={kind}
              onChange={setKind}
              segments={[
                { value: 'file', label: t.fromFile },
                { value: 'prompts', label: t.fromPrompts },
                { value: 'template', label: t.fromTemplate },
              ]}
              className="self-start"
            />
            {kind === 'file' && (
              <FilesInput
                files={files}
                onChange={(next) => {
                  // Another file has other columns; a corrected one has the same name.
                  if (next.file?.name !== files.file?.name) setReading({});
                  setFiles(next);
                }}
              />
            )}
            {kind === 'prompts' && (
              <PromptsInput text={text} count={prompts.length} onChange={setText} />
            )}
            {kind === 'template' && <TemplateInput template={template} onChange={setTemplate} />}
          </Panel>
          <DefaultsPanel defaults={defaults} onChange={setDefaults} />
          {problem !== null && (
            <Notice tone="bad" title={t.unread}>
              {problem.message}
            </Notice>
          )}
          {isReading && preview === undefined && <Coming label={t.reading} />}
          {preview !== undefined && (
            <div
              aria-busy={!isFresh}
              className={cx(
                'flex min-w-0 flex-col gap-5 transition-opacity duration-300',
                !isFresh && 'opacity-60',
              )}
            >
              <Preview
                preview={preview}
                files={kind === 'file' ? files : noFiles}
                reading={reading}
                onReading={setReading}
              />
            </div>
          )}
        </div>
        <Summary draft={draft} preview={preview} isFresh={isFresh} onDrafts={setAsDrafts} />
      </div>
    </Page>
  );
}

function Coming({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3">
      <Skeleton className="h-[6rem] rounded-large" />
      <Skeleton className="h-[12rem] rounded-large" />
    </div>
  );
}
