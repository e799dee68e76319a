import { ArchiveRestore } from 'lucide-react';
import { Button } from '../../components/controls/Button.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { restore } from './marks.ts';
import { marksTexts } from './texts.ts';

/** Says above a picture that it is in the trash, with the way out. */
export function TrashNotice({ id }: { id: string }) {
  const t = useTexts(marksTexts);
  return (
    <div
      className="absolute inset-x-0 top-3 mx-auto flex w-fit items-center gap-3 rounded-medium
        border border-line bg-surface py-2 pr-2 pl-4 shadow-float"
    >
      {t.isTrashed}
      <Button size="small" icon={ArchiveRestore} onClick={() => void restore(id)}>
        {t.restore}
      </Button>
    </div>
  );
}
