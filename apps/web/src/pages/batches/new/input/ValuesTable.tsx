import { Plus, X } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../../../components/controls/Button.tsx';
import { IconButton } from '../../../../components/controls/IconButton.tsx';
import { TextInput } from '../../../../components/controls/TextInput.tsx';
import { HeadCell, Table } from '../../../../components/display/Table.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import { pasteCells, type TemplateDraft } from './template.ts';
import { inputTexts } from './texts.ts';

export interface ValuesTableProps {
  template: TemplateDraft;
  variables: readonly string[];
  onChange: (template: TemplateDraft) => void;
}

/** A column for each variable and a row for each prompt. Cells of a spreadsheet can be pasted. */
export function ValuesTable({ template, variables, onChange }: ValuesTableProps) {
  const t = useTexts(inputTexts);
  const { number } = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const { rows } = template;
  const setRows = (next: TemplateDraft['rows']): void =>
    onChange({ ...template, rows: next.length === 0 ? [{}] : next });

  function addRow(): void {
    setRows([...rows, {}]);
    // The new row is there after the next paint, and the visitor goes on typing in it.
    requestAnimationFrame(() => {
      const inputs = box.current?.querySelectorAll('input') ?? [];
      inputs[inputs.length - variables.length]?.focus();
    });
  }
  return (
    <div ref={box} className="flex flex-col gap-3">
      <Table caption={t.asTable}>
        <thead>
          <tr>
            <HeadCell isNumber className="w-[2.5rem]">
              <span className="sr-only">{t.row}</span>
            </HeadCell>
            {variables.map((name) => (
              <HeadCell key={name} className="px-1!">
                {name}
              </HeadCell>
            ))}
            <HeadCell className="w-[2.5rem]">
              <span className="sr-only">{t.removeRow}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // A row has no other identity than its place.
            <tr key={index}>
              <td className="tabular pt-2 pr-2 text-right text-small text-muted">
                {number(index + 1)}
              </td>
              {variables.map((name, variable) => (
                <td key={name} className="min-w-[9rem] px-1 pt-2">
                  <TextInput
                    aria-label={t.cell({ name, row: number(index + 1) })}
                    value={row[name] ?? ''}
                    spellCheck={false}
                    onChange={({ currentTarget }) =>
                      setRows(
                        rows.map((each, at) =>
                          at === index ? { ...each, [name]: currentTarget.value } : each,
                        ),
                      )
                    }
                    onPaste={(event) => {
                      const pasted = event.clipboardData.getData('text/plain');
                      if (!/[\t\n]/.test(pasted.trimEnd())) return;
                      event.preventDefault();
                      onChange(pasteCells(template, pasted, { row: index, variable }));
                    }}
                    onKeyDown={(event) => {
                      if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
                      event.preventDefault();
                      if (index === rows.length - 1) addRow();
                    }}
                  />
                </td>
              ))}
              <td className="pt-2">
                <IconButton
                  icon={X}
                  label={t.removeRow}
                  onClick={() => setRows(rows.filter((_each, at) => at !== index))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      <div className="flex flex-wrap items-center gap-3">
        <Button size="small" icon={Plus} onClick={addRow}>
          {t.addRow}
        </Button>
        <span className="text-small text-muted">{t.pasteHint}</span>
      </div>
    </div>
  );
}
