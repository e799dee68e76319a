import { Archive, Download, FileJson, FileSpreadsheet, FileWarning } from 'lucide-react';
import { download } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Menu, type MenuItem } from '../../../components/overlays/Menu.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { Batch } from '../api.ts';
import { batchTexts } from './texts.ts';

/** Everything of a batch that can be saved. */
export function DownloadMenu({ batch }: { batch: Batch }) {
  const t = useTexts(batchTexts);
  const { id, output_file_id: outputId, error_file_id: errorId } = batch;
  const { completed, failed } = batch.request_counts;
  const failedName = batch.reading?.format === 'jsonl' ? 'failed.jsonl' : 'failed.csv';
  const needsPictures = completed > 0 ? undefined : t.noPictures;
  const items: MenuItem[] = [
    {
      label: t.archive,
      icon: Archive,
      unavailable: needsPictures,
      onSelect: () => download(`v1/batches/${id}/archive.zip`),
    },
    {
      label: t.manifest,
      icon: FileSpreadsheet,
      unavailable: needsPictures,
      onSelect: () => download(`v1/batches/${id}/manifest.csv?bom=1`),
    },
    {
      label: t.failedRows,
      icon: FileWarning,
      unavailable: failed > 0 ? undefined : t.noFailed,
      onSelect: () =>
        download(`v1/batches/${id}/${failedName}${failedName === 'failed.csv' ? '?bom=1' : ''}`),
    },
    {
      label: t.outputFile,
      icon: FileJson,
      startsGroup: true,
      unavailable: outputId === null ? t.notYet : undefined,
      onSelect: () => download(`v1/files/${outputId}/content`),
    },
    ...(errorId === null
      ? []
      : [
          {
            label: t.errorFile,
            icon: FileJson,
            onSelect: () => download(`v1/files/${errorId}/content`),
          },
        ]),
  ];
  return <Menu trigger={<Button icon={Download}>{t.downloads}</Button>} items={items} />;
}
