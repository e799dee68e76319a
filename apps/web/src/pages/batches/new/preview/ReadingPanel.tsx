import { Button } from '../../../../components/controls/Button.tsx';
import { Field } from '../../../../components/controls/Field.tsx';
import { Select } from '../../../../components/controls/Select.tsx';
import { Panel } from '../../../../components/display/Page.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import type { Reading } from '../draft.ts';
import { Columns } from './Columns.tsx';
import { encodingNames } from './encoding-names.ts';
import { previewTexts } from './texts.ts';

const found = 'found';

export interface ReadingPanelProps {
  preview: BatchValidation;
  reading: Reading;
  onChange: (reading: Reading) => void;
}

/** How Kiln has read the file; the visitor may know better. */
export function ReadingPanel({ preview, reading, onChange }: ReadingPanelProps) {
  const { columns, notes } = preview;
  const t = useTexts(previewTexts);
  const { number } = useFormat();
  return (
    <Panel className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="font-semibold">{t.howRead}</h2>
        {Object.keys(reading).length > 0 && (
          <Button size="small" variant="plain" onClick={() => onChange({})}>
            {t.asFound}
          </Button>
        )}
      </div>
      <div className="grid gap-4 tablet:grid-cols-2">
        <EncodingField preview={preview} reading={reading} onChange={onChange} />
        <DelimiterField preview={preview} reading={reading} onChange={onChange} />
      </div>
      {columns.length > 0 && (
        <Columns
          columns={columns}
          fields={preview.fields}
          map={reading.column_map ?? {}}
          onChange={(map) => onChange({ ...reading, column_map: map })}
        />
      )}
      {notes.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="text-small font-semibold">{t.notes}</h3>
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

function EncodingField({ preview, reading, onChange }: ReadingPanelProps) {
  const t = useTexts(previewTexts);
  const { encoding: _encoding, ...others } = reading;
  const name = preview.encoding === null ? '' : nameOf(preview.encoding);
  const isFound = reading.encoding === undefined && preview.encoding !== null;
  return (
    <Field label={t.encoding}>
      <Select
        value={reading.encoding ?? found}
        onChange={(chosen) =>
          onChange({ ...others, ...(chosen === found ? {} : { encoding: chosen }) })
        }
        options={[
          { value: found, label: isFound ? t.found({ name }) : t.automatic },
          ...Object.entries(encodingNames).map(([value, label]) => ({ value, label })),
        ]}
      />
    </Field>
  );
}

function nameOf(encoding: string): string {
  return Object.hasOwn(encodingNames, encoding) ? (encodingNames[encoding] ?? encoding) : encoding;
}

/** Only files with columns have one. */
function DelimiterField({ preview, reading, onChange }: ReadingPanelProps) {
  const t = useTexts(previewTexts);
  const { delimiter: chosenBefore, ...others } = reading;
  if (preview.delimiter === null && chosenBefore === undefined) return null;
  const names = { ',': t.comma, ';': t.semicolon, '\t': t.tab };
  const options = ([',', ';', '\t'] as const).map((value) => ({ value, label: names[value] }));
  const name = options.find(({ value }) => value === preview.delimiter)?.label ?? '';
  const isFound = chosenBefore === undefined && name !== '';
  return (
    <Field label={t.delimiter}>
      <Select<'found' | ',' | ';' | '\t'>
        value={chosenBefore ?? found}
        onChange={(chosen) =>
          onChange({ ...others, ...(chosen === found ? {} : { delimiter: chosen }) })
        }
        options={[{ value: found, label: isFound ? t.found({ name }) : t.automatic }, ...options]}
      />
    </Field>
  );
}
