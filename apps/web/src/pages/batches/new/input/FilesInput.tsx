import { Download, FileSpreadsheet, FolderOpen, Images, Upload, X } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState, type Ref } from 'react';
import { download } from '../../../../api/client.ts';
import { cx } from '../../../../components/cx.ts';
import { Button } from '../../../../components/controls/Button.tsx';
import { IconButton } from '../../../../components/controls/IconButton.tsx';
import { Notice } from '../../../../components/display/Notice.tsx';
import { Menu } from '../../../../components/overlays/Menu.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import { filesOf, noFiles, sortFiles, type Sorted } from './dropped-files.ts';
import { inputTexts } from './texts.ts';

/** Takes the file with the rows and the pictures beside it: dropped, as a folder, or chosen. */
export function FilesInput(props: { files: Sorted; onChange: (files: Sorted) => void }) {
  const { files, onChange } = props;
  const { file, pictures, leftOut } = files;
  const t = useTexts(inputTexts);
  const { list } = useFormat();
  const input = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const isEmpty = file === null && pictures.length === 0;

  /** A new file with rows takes the place of the old one; pictures come to the others. */
  function add(chosen: readonly File[]): void {
    const more = sortFiles(chosen);
    const names = new Set(more.pictures.map(({ name }) => name));
    onChange({
      file: more.file ?? file,
      pictures: [...pictures.filter(({ name }) => !names.has(name)), ...more.pictures],
      leftOut: more.leftOut,
    });
  }
  const take = useEffectEvent(async (transfer: DataTransfer) => {
    setIsOver(false);
    add(await filesOf(transfer));
  });
  useEffect(() => {
    // A drop beside the box would make the browser leave the page, so all of the window takes it.
    const listening = new AbortController();
    const { signal } = listening;
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setIsOver(true);
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', () => setIsOver(false), { signal });
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      if (event.dataTransfer !== null) void take(event.dataTransfer);
    };
    addEventListener('drop', drop, { signal });
    return () => listening.abort();
  }, []);

  return (
    <div className="flex flex-col gap-3">
      <div
        className={cx(
          'flex flex-col items-center gap-3 rounded-large border-2 border-dashed p-5 text-center transition',
          isOver ? 'border-ember bg-ember-soft' : 'border-line',
        )}
      >
        {isEmpty ? <Invitation /> : <Chosen files={files} onRemove={() => onChange(noFiles)} />}
        <div className="flex flex-wrap justify-center gap-2">
          <Button icon={Upload} onClick={() => input.current?.click()}>
            {isEmpty ? t.choose : t.chooseMore}
          </Button>
          <Button icon={FolderOpen} onClick={() => folder.current?.click()}>
            {t.chooseFolder}
          </Button>
        </div>
        {isEmpty && <Example />}
        <FileInput
          ref={input}
          label={t.choose}
          onChoose={add}
          accept=".csv,.tsv,.txt,.jsonl,.ndjson,.png,.jpg,.jpeg,.webp,.zip"
        />
        <FileInput ref={folder} label={t.chooseFolder} onChoose={add} isFolder />
      </div>
      {file === null && pictures.length > 0 && <Notice tone="warn">{t.noRows}</Notice>}
      {leftOut.length > 0 && (
        <p className="text-small text-muted">{t.leftOut({ names: list(leftOut.slice(0, 5)) })}</p>
      )}
    </div>
  );
}

function Invitation() {
  const t = useTexts(inputTexts);
  return (
    <>
      <FileSpreadsheet aria-hidden strokeWidth={1.5} className="mt-3 size-[2rem] text-muted" />
      <p className="text-lead font-semibold">{t.drop}</p>
      <p className="max-w-text text-balance text-muted">{t.dropHint}</p>
    </>
  );
}

function Chosen({ files, onRemove }: { files: Sorted; onRemove: () => void }) {
  const { file, pictures } = files;
  const t = useTexts(inputTexts);
  const { bytes } = useFormat();
  return (
    <div className="flex w-full items-center gap-3 text-left">
      <FileSpreadsheet
        aria-hidden
        strokeWidth={1.5}
        className="size-[1.75rem] shrink-0 text-ember"
      />
      <div className="min-w-0 grow">
        <p className="truncate font-semibold">{file?.name ?? '–'}</p>
        <p className="text-small text-muted">
          {file !== null && bytes(file.size)}
          {file !== null && pictures.length > 0 && ' · '}
          {pictures.length > 0 && t.pictures(pictures.length)}
        </p>
      </div>
      <IconButton icon={X} label={t.remove} onClick={onRemove} />
    </div>
  );
}

interface FileInputProps {
  ref: Ref<HTMLInputElement>;
  label: string;
  onChoose: (files: readonly File[]) => void;
  accept?: string;
  isFolder?: boolean;
}

function FileInput({ ref, label, onChoose, accept, isFolder = false }: FileInputProps) {
  return (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      aria-label={label}
      accept={accept}
      {...(isFolder ? { webkitdirectory: '' } : {})}
      onChange={({ currentTarget }) => {
        onChoose([...(currentTarget.files ?? [])]);
        currentTarget.value = ''; // so that the same file, corrected, can be chosen again
      }}
    />
  );
}

/** Small files to fill in; with a byte order mark, because spreadsheets guess without one. */
function Example() {
  const t = useTexts(inputTexts);
  return (
    <Menu
      align="center"
      trigger={
        <Button variant="plain" size="small" icon={Download}>
          {t.example}
        </Button>
      }
      items={[
        {
          label: t.exampleNew,
          icon: FileSpreadsheet,
          onSelect: () => download('v1/batches/template.csv?bom=1'),
        },
        {
          label: t.exampleEdits,
          icon: Images,
          onSelect: () => download('v1/batches/template.csv?bom=1&edits=1'),
        },
      ]}
    />
  );
}
