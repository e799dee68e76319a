import { useCallback } from 'react';
import { Panel } from '../../../../components/display/Page.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import { previewTexts } from './texts.ts';

export interface SampleProps {
  sample: BatchValidation['sample'];
  /** The pictures that were dropped; those inside a zip are not among them. */
  pictures: readonly File[];
}

/** The first rows, as they will be sent. */
export function Sample({ sample, pictures }: SampleProps) {
  const t = useTexts(previewTexts);
  return (
    <Panel className="flex flex-col gap-2">
      <h2 className="font-semibold">{t.sample}</h2>
      <ol className="flex flex-col">
        {sample.map((row) => (
          <SampleRow key={row.row} row={row} pictures={pictures} />
        ))}
      </ol>
    </Panel>
  );
}

interface SampleRowProps {
  row: SampleProps['sample'][number];
  pictures: readonly File[];
}

/** Fields that are shown in another way. */
const shownApart = ['prompt', 'model', 'images', 'mask', 'markup'];

function SampleRow({ row: found, pictures }: SampleRowProps) {
  const { number } = useFormat();
  const { row, custom_id: customId, model, request, metadata, pictures: named } = found;
  const fields = Object.entries(request).filter(([name]) => !shownApart.includes(name));
  return (
    <li className="grid grid-cols-[2.5rem_minmax(0,1fr)] gap-x-3 border-b border-line py-3 last:border-0 last:pb-0">
      <span className="tabular text-right text-small leading-[1.7] text-muted">{number(row)}</span>
      <div className="flex min-w-0 flex-col gap-2">
        <p className="line-clamp-3 break-words whitespace-pre-line">
          {readText(request['prompt'])}
        </p>
        {named.length > 0 && (
          <ul className="flex flex-wrap gap-3">
            {named.map((picture) => (
              <NamedPicture
                key={`${picture.field} ${picture.name}`}
                picture={picture}
                file={pictures.find(({ name }) => name === picture.name)}
              />
            ))}
          </ul>
        )}
        <p className="flex flex-wrap gap-x-3 gap-y-1 text-small text-muted">
          {customId !== null && <span className="font-semibold text-ink">{customId}</span>}
          <span>{model}</span>
          {[...fields, ...Object.entries(metadata)].map(([name, value]) => (
            <span key={name} className="max-w-full truncate">
              {name} <span className="text-ink">{readText(value)}</span>
            </span>
          ))}
        </p>
      </div>
    </li>
  );
}

interface NamedPictureProps {
  picture: SampleProps['sample'][number]['pictures'][number];
  file: File | undefined;
}

/** A picture that was found by its name in the row. */
function NamedPicture({ picture: { name, width, height }, file }: NamedPictureProps) {
  return (
    <li className="flex min-w-0 items-center gap-2 text-small">
      {file !== undefined && <LocalPicture file={file} />}
      <span className="flex min-w-0 flex-col">
        <span className="truncate">{name}</span>
        <span className="tabular text-muted">
          {width} × {height}
        </span>
      </span>
    </li>
  );
}

function LocalPicture({ file }: { file: File }) {
  const show = useCallback(
    (image: HTMLImageElement) => {
      const url = URL.createObjectURL(file);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [file],
  );
  return <img ref={show} alt="" className="size-[2.5rem] shrink-0 rounded-small object-cover" />;
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
