import { useStore } from '@nanostores/react';
import { useSearch } from '@tanstack/react-router';
import { ImageIcon, Sparkles } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft } from '../draft/draft.ts';
import { focusPrompt } from '../form/PromptField.tsx';
import { recentJobs } from './recent-jobs.ts';
import { resultsId } from './reveal-results.ts';
import { resultTexts } from './texts.ts';
import { useAnnouncements } from './use-announcements.ts';

const shownAtFirst = 12;

/** A first visit has no cards, so it does not load what they need. */
const ResultCard = lazy(() => import('./ResultCard.tsx'));

/** The jobs of this browser as cards, newest first, and above them the one of the address. */
export function Results() {
  const t = useTexts(resultTexts);
  const recent = useStore(recentJobs);
  const { job: linked } = useSearch({ from: '/' });
  const [most, setMost] = useState(shownAtFirst);
  const ids = linked === undefined ? recent : [linked, ...recent.filter((id) => id !== linked)];
  useAnnouncements(ids);
  useListKeys(t.cancel);

  return (
    <section id={resultsId} aria-label={t.title} className="min-w-0 scroll-mt-4">
      {ids.length === 0 && (
        <EmptyState
          icon={ImageIcon}
          title={t.empty}
          action={
            <Button
              icon={Sparkles}
              onClick={() => {
                if (draft.get().prompt.trim() === '') change({ prompt: t.examplePrompt });
                focusPrompt();
              }}
            >
              {t.example}
            </Button>
          }
        >
          {t.emptyHint}
        </EmptyState>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(18rem,100%),1fr))] items-start gap-4">
        {ids.slice(0, most).map((id) => (
          <Suspense
            key={id}
            fallback={
              <li>
                <Skeleton className="h-[20rem] rounded-large" />
              </li>
            }
          >
            <ResultCard id={id} isLinked={id === linked} />
          </Suspense>
        ))}
      </ul>
      {ids.length > most && (
        <Button className="mx-auto mt-5 flex" onClick={() => setMost(most + shownAtFirst)}>
          {t.showMore}
        </Button>
      )}
    </section>
  );
}
