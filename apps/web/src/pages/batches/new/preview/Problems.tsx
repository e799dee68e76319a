import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../components/controls/Button.tsx';
import { Panel } from '../../../../components/display/Page.tsx';
import { Cell, HeadCell, Table } from '../../../../components/display/Table.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import { previewTexts } from './texts.ts';

const firstShown = 20;

/** Every mistake at its row and column, in the words of the API. */
export function Problems({ preview }: { preview: BatchValidation }) {
  const { problems, problems_total: total } = preview;
  const t = useTexts(previewTexts);
  const { number } = useFormat();
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? problems : problems.slice(0, firstShown);
  return (
    <Panel className="flex flex-col gap-3">
      <div className="flex flex-col gap-1">
        <h2 className="flex items-center gap-2 font-semibold text-bad">
          <CircleAlert aria-hidden className="size-[1.125rem]" />
          {t.problems(total)}
        </h2>
        <p className="text-small text-muted">{t.problemsHint}</p>
      </div>
      <Table caption={t.problems(total)}>
        <thead>
          <tr>
            <HeadCell isNumber className="tablet:w-[4rem]">
              {t.row}
            </HeadCell>
            <HeadCell className="tablet:w-[8rem]">{t.column}</HeadCell>
            <HeadCell>{t.wrong}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ row, column, code, message }, index) => (
            <tr key={`${row} ${column} ${code} ${index}`}>
              <Cell isNumber className="align-top">
                {row === null ? '–' : number(row)}
              </Cell>
              <Cell className="align-top font-semibold break-words">{column ?? '–'}</Cell>
              <Cell className="break-words">{message}</Cell>
            </tr>
          ))}
        </tbody>
      </Table>
      {total > shown.length && (
        <p className="flex flex-wrap items-center gap-3 text-small text-muted">
          {t.moreProblems(total - shown.length)}
          {!showsAll && (
            <Button size="small" onClick={() => setShowsAll(true)}>
              {t.showAll}
            </Button>
          )}
        </p>
      )}
    </Panel>
  );
}
