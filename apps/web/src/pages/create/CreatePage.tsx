import { Page } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { createTexts } from './texts.ts';

export function CreatePage() {
  const t = useTexts(createTexts);
  return (
    <Page title={t.title} lead={t.lead}>
      {null}
    </Page>
  );
}
