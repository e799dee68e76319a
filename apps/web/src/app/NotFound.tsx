import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { EmptyState } from '../components/display/EmptyState.tsx';
import { useTexts } from '../texts/i18n.ts';
import { frameTexts } from './texts.ts';

export function NotFound() {
  const t = useTexts(frameTexts);
  return (
    <EmptyState
      icon={Compass}
      title={t.notFound}
      action={
        <Link to="/" className="font-semibold text-ember underline">
          {t.toCreate}
        </Link>
      }
    >
      {t.notFoundHint}
    </EmptyState>
  );
}
