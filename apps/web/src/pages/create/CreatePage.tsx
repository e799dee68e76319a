import { Page } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { Composer } from './form/Composer.tsx';
import { Results } from './results/Results.tsx';
import { createTexts } from './texts.ts';

/** The form at the side, and what came of it. On a phone the results are below. */
export function CreatePage() {
  const t = useTexts(createTexts);
  return (
    <Page title={t.title} lead={t.lead}>
      <div className="grid grid-cols-1 items-start gap-5 desktop:grid-cols-[clamp(21rem,30vw,26rem)_minmax(0,1fr)]">
        <Composer />
        <Results />
      </div>
    </Page>
  );
}
