import type { Job } from '../../requests/types.ts';
import { useTexts } from '../../texts/i18n.ts';
import { panelTexts, pictureTexts } from '../texts.ts';
import type { JobImage } from '../use-picture.ts';
import { Calls } from './Calls.tsx';
import { Facts } from './Facts.tsx';
import { Section } from './Section.tsx';
import { Sources } from './Sources.tsx';

/** Everything that is known about a picture. On a narrow screen it covers the lower half. */
export function InfoPanel({ job, image }: { job: Job; image: JobImage }) {
  const t = useTexts(panelTexts);
  const { panel } = useTexts(pictureTexts);
  const revised = job.chosen?.revised_prompt;
  return (
    <aside
      aria-label={panel}
      className="flex shrink-0 flex-col gap-5 overflow-y-auto border-line bg-surface p-4
        max-desktop:absolute max-desktop:inset-x-0 max-desktop:bottom-0 max-desktop:max-h-[60%]
        max-desktop:animate-rise max-desktop:rounded-t-large max-desktop:border-t
        max-desktop:shadow-float desktop:w-[21rem] desktop:border-l"
    >
      <Section title={t.prompt}>
        <p className="wrap-anywhere whitespace-pre-wrap">{job.request.prompt}</p>
      </Section>
      {revised !== undefined && (
        <Section title={t.revised}>
          <p className="wrap-anywhere whitespace-pre-wrap text-muted">{revised}</p>
        </Section>
      )}
      <Section title={t.facts}>
        <Facts job={job} image={image} />
      </Section>
      <Sources job={job} />
      <Calls job={job} />
    </aside>
  );
}
