import type { ErrorComponentProps } from '@tanstack/react-router';
import { ServerCrash } from 'lucide-react';
import { Button } from '../components/controls/Button.tsx';
import { EmptyState } from '../components/display/EmptyState.tsx';
import { useTexts } from '../texts/i18n.ts';
import { frameTexts } from './texts.ts';

/** What stands in the place of a page that threw. The rest of the studio goes on. */
export function PageError({ error }: Pick<ErrorComponentProps, 'error'>) {
  const t = useTexts(frameTexts);
  return (
    <EmptyState
      icon={ServerCrash}
      title={t.pageFailed}
      action={
        <Button variant="primary" onClick={() => location.reload()}>
          {t.reload}
        </Button>
      }
    >
      {t.pageFailedHint}
      <span className="block pt-3 font-mono text-small">
        {t.details({ message: error instanceof Error ? error.message : String(error) })}
      </span>
    </EmptyState>
  );
}
