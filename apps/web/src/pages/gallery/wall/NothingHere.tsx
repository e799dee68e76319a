import { Link } from '@tanstack/react-router';
import { Images, SearchX, Trash2 } from 'lucide-react';
import { actionLink } from '../../../components/display/action-link.ts';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { wallTexts } from './texts.ts';

export function NothingHere({ isTrash, isSearched }: { isTrash: boolean; isSearched: boolean }) {
  const t = useTexts(wallTexts);
  if (isSearched)
    return (
      <EmptyState
        icon={SearchX}
        title={t.nothing}
        action={
          <Link to="/gallery" search={isTrash ? { view: 'trash' } : {}} className={actionLink}>
            {t.clear}
          </Link>
        }
      >
        {t.nothingHint}
      </EmptyState>
    );
  if (isTrash)
    return (
      <EmptyState icon={Trash2} title={t.trashEmpty}>
        {t.trashEmptyHint}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={Images}
      title={t.empty}
      action={
        <Link to="/" className={actionLink}>
          {t.toCreate}
        </Link>
      }
    >
      {t.emptyHint}
    </EmptyState>
  );
}
