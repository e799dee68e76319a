import { ArrowRight } from 'lucide-react';
import { Panel } from '../../../components/display/Page.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BatchValidation } from '../api.ts';
import { Problems } from './Problems.tsx';
import { newTexts } from './texts.ts';

/** What Kiln has read: its mistakes first, then how, then the first rows. */
export function Preview({ preview, isFile }: { preview: BatchValidation; isFile: boolean }) {
  return (
    <>
      {preview.problems.length > 0 && <Problems preview={preview} />}
      {isFile && preview.encoding !== null && <Reading preview={preview} />}
      {preview.sample.length > 0 && <Sample sample={preview.sample} />}
    </>
  );
}

function Reading({ preview }: { preview: BatchValidation }) {
  const { encoding, delimiter, columns, notes } = preview;
  const t = useTexts(newTexts);
  const { number } = useFormat();
  const delimiters: Readonly<Record<string, string>> = {
    '\t': t.tab,
    ',': t.comma,
    ';': t.semicolon,
  };
  return (
    <Panel className="flex flex-col gap-4">
      <h2 className="font-semibold">{t.howRead}</h2>
      <dl className="flex flex-wrap gap-x-6 gap-y-3">
        <Fact name={t.encoding} value={encoding ?? '–'} />
        {delimiter !== null && (
          <Fact name={t.delimiter} value={delimiters[delimiter] ?? delimiter} />
        )}
      </dl>
      {columns.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="text-small text-muted">{t.columns}</h3>
          <ul className="flex flex-wrap gap-2">
            {columns.map(({ name, means }) => (
              <li
                key={name}
                className="flex max-w-full items-center gap-2 rounded-small bg-sunken px-2 py-1 text-small"
              >
                <span className="truncate font-semibold">{name}</span>
                {means !== name && (
                  <>
                    <ArrowRight aria-hidden className="size-[0.875rem] shrink-0 text-muted" />
                    <span className="text-muted">{means ?? t.asMetadata}</span>
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      {notes.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="text-small text-muted">{t.notes}</h3>
          <ul className="flex list-disc flex-col gap-1 pl-4 text-small">
            {notes.map(({ code, column, row, message }) => (
              <li key={`${code} ${column} ${row}`}>
                {message}
                {row !== null && (
                  <span className="text-muted"> ({t.noteRow({ row: number(row) })})</span>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-small text-muted">{name}</dt>
      <dd className="font-semibold">{value}</dd>
    </div>
  );
}

function Sample({ sample }: { sample: BatchValidation['sample'] }) {
  const t = useTexts(newTexts);
  const { number } = useFormat();
  return (
    <Panel className="flex flex-col gap-2">
      <h2 className="font-semibold">{t.sample}</h2>
      <ol className="flex flex-col">
        {sample.slice(0, 10).map(({ row, custom_id: customId, model, request, metadata }) => (
          <li
            key={row}
            className="grid grid-cols-[2.5rem_minmax(0,1fr)] gap-x-3 border-b border-line py-3 last:border-0 last:pb-0"
          >
            <span className="tabular text-right text-small leading-[1.7] text-muted">
              {number(row)}
            </span>
            <div className="flex min-w-0 flex-col gap-2">
              <p className="line-clamp-3 break-words whitespace-pre-line">
                {readText(request['prompt'])}
              </p>
              <p className="flex flex-wrap gap-x-3 gap-y-1 text-small text-muted">
                {customId !== null && <span className="font-semibold text-ink">{customId}</span>}
                <span>{model}</span>
                {[...Object.entries(request), ...Object.entries(metadata)]
                  .filter(([name]) => !['prompt', 'model'].includes(name))
                  .map(([name, value]) => (
                    <span key={name} className="max-w-full truncate">
                      {name} <span className="text-ink">{readText(value)}</span>
                    </span>
                  ))}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
