import type { Job } from '../../requests/types.ts';
import { useTexts } from '../../texts/i18n.ts';
import { LineageSection } from '../lineage/Lineage.tsx';
import type { ImageDetails } from '../marks/marks.ts';
import { MarkButtons } from '../marks/MarkButtons.tsx';
import { panelTexts, pictureTexts } from '../texts.ts';
import type { JobImage } from '../use-picture.ts';
import { Calls } from './Calls.tsx';
import { Facts } from './Facts.tsx';
import { Section } from './Section.tsx';
import { Sources } from './Sources.tsx';

export interface InfoPanelProps {
  job: Job;
  image: JobImage;
  /** Undefined until they are read. */
  details: ImageDetails | undefined;
}

/** Everything that is known about a picture. On a narrow screen it covers the lower half. */
export function InfoPanel({ job, image, details }: InfoPanelProps) {
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
      {details !== undefined && (
        <span className="desktop:hidden">
          <MarkButtons image={details} />
        </span>
      )}
      <Section title={t.prompt}>
        <p className="wrap-anywhere whitespace-pre-wrap">{job.request.prompt}</p>
      </Section>
      {revised !== undefined && (
        <Section title={t.revised}>
          <p className="wrap-anywhere whitespace-pre-wrap text-muted">{revised}</p>
        </Section>
      )}
      <Section title={t.facts}>
        <Facts job={job} image={image} details={details} />
      </Section>
      {details !== undefined && <LineageSection image={details} />}
      <Sources job={job} />
      <Calls job={job} />
      {details !== undefined && <Provenance image={details} />}
    </aside>
  );
}

/** Whether Content Credentials are in the bytes. Kiln reads that they are there, and no more. */
function Provenance({ image }: { image: ImageDetails }) {
  const t = useTexts(panelTexts);
  const { c2pa } = image.provenance;
  return (
    <Section title={t.provenance}>
      <p className="text-small">{c2pa === null ? t.c2paUnknown : c2pa ? t.c2paYes : t.c2paNo}</p>
    </Section>
  );
}
