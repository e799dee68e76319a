import { ArrowRight } from 'lucide-react';
import { cx } from '../../../../components/cx.ts';
import { Select } from '../../../../components/controls/Select.tsx';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import type { Reading } from '../draft.ts';
import { columnTexts, previewTexts } from './texts.ts';

const leftOut = 'dropped';
const asMetadata = 'metadata';

type ColumnMap = NonNullable<Reading['column_map']>;

export interface ColumnsProps {
  columns: BatchValidation['columns'];
  /** What a column can mean. */
  fields: readonly string[];
  map: ColumnMap;
  onChange: (map: ColumnMap) => void;
}

/** What each column means; the visitor may choose another meaning. */
export function Columns({ columns, fields, map, onChange }: ColumnsProps) {
  const t = useTexts(previewTexts);
  const labels = useFieldLabels();

  function choose(name: string, chosen: string): void {
    // A field has one column: the one that had it before is kept as metadata.
    const others = columns.filter(({ name: other, means }) => other !== name && means === chosen);
    onChange({
      ...map,
      ...(chosen === leftOut
        ? {}
        : Object.fromEntries(others.map(({ name: other }) => [other, asMetadata]))),
      [name]: chosen === leftOut ? null : chosen,
    });
  }
  const options = [
    ...fields
      .filter((field) => field !== asMetadata)
      .map((field) => ({ value: field, label: labels[field] ?? field })),
    { value: asMetadata, label: t.asMetadata },
    { value: leftOut, label: t.asNothing },
  ];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-col gap-1">
        <h3 className="text-small font-semibold">{t.columns}</h3>
        <p className="text-small text-muted">{t.columnsHint}</p>
      </div>
      <ul className="grid gap-x-6 gap-y-2 min-[80rem]:grid-cols-2">
        {columns.map(({ name, means }, index) => (
          <li
            // Two columns may have one name.
            key={`${index} ${name}`}
            className="grid grid-cols-[minmax(0,1fr)_1rem_minmax(0,12rem)] items-center gap-3"
          >
            <span className="truncate font-semibold" title={name}>
              {name}
            </span>
            <ArrowRight aria-hidden className="size-[0.875rem] text-muted" />
            <Select
              label={t.meaningOf({ column: name })}
              size="small"
              value={means ?? asMetadata}
              onChange={(chosen) => choose(name, chosen)}
              options={options}
              className={cx((means === leftOut || means === null) && 'text-muted')}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The fields in words of people; others are shown as the API names them. */
function useFieldLabels(): Readonly<Record<string, string>> {
  const t = useTexts(columnTexts);
  return {
    prompt: t.prompt,
    model: t.model,
    n: t.n,
    size: t.size,
    quality: t.quality,
    background: t.background,
    output_format: t.outputFormat,
    output_compression: t.outputCompression,
    moderation: t.moderation,
    image: t.image,
    mask: t.mask,
    composite: t.composite,
    frame_count: t.frameCount,
    frame_duration_ms: t.frameDuration,
    svg: t.svg,
    custom_id: t.customId,
    filename: t.filename,
  };
}
