import type { BatchValidation } from '../../api.ts';
import type { Reading } from '../draft.ts';
import type { Sorted } from '../input/dropped-files.ts';
import { Duplicates } from './Duplicates.tsx';
import { Matches } from './Matches.tsx';
import { Problems } from './Problems.tsx';
import { ReadingPanel } from './ReadingPanel.tsx';
import { Sample } from './Sample.tsx';

export interface PreviewProps {
  preview: BatchValidation;
  files: Sorted;
  reading: Reading;
  onReading: (reading: Reading) => void;
}

/** What Kiln has read: its mistakes first, then how, then the first rows. */
export function Preview({ preview, files, reading, onReading }: PreviewProps) {
  return (
    <>
      {preview.problems.length > 0 && <Problems preview={preview} />}
      {files.file !== null && <Matches pictures={preview.pictures} />}
      {preview.duplicates.count > 0 && <Duplicates duplicates={preview.duplicates} />}
      {files.file !== null && (
        <ReadingPanel preview={preview} reading={reading} onChange={onReading} />
      )}
      {preview.sample.length > 0 && <Sample sample={preview.sample} pictures={files.pictures} />}
    </>
  );
}
