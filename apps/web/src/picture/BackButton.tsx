import { useCanGoBack, useNavigate, useRouter } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { IconButton } from '../components/controls/IconButton.tsx';
import { useShortcuts } from '../keyboard/shortcuts.ts';
import { useTexts } from '../texts/i18n.ts';
import { pictureTexts } from './texts.ts';

/** Leads to where the picture was opened; after a link from elsewhere, to all pictures. */
export function BackButton() {
  const t = useTexts(pictureTexts);
  const router = useRouter();
  const navigate = useNavigate();
  const canGoBack = useCanGoBack();
  const goBack = (): void =>
    canGoBack ? router.history.back() : void navigate({ to: '/gallery', search: true });
  useShortcuts([{ keys: 'Escape', label: t.back, run: goBack }]);
  return <IconButton icon={ArrowLeft} label={t.back} keys="Escape" onClick={goBack} />;
}
