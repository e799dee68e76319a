import { Link } from '@tanstack/react-router';
import { Columns2 } from 'lucide-react';
import { address } from '../../api/client.ts';
import { actionLink } from '../../components/display/action-link.ts';
import { Picture } from '../../components/display/Picture.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { statusTexts } from '../../words/texts.ts';
import type { ImageDetails } from '../marks/marks.ts';
import { Section } from '../panel/Section.tsx';
import { paramsOf } from '../picture-id.ts';
import { lineageTexts } from './texts.ts';
import { mostCompared } from '../compare/most-compared.ts';

type Lineage = ImageDetails['lineage'];
type Related = Lineage['became'][number]['images'][number];

/** What the picture was made from, and what was made from it. */
export function LineageSection({ image }: { image: ImageDetails }) {
  const t = useTexts(lineageTexts);
  const { made_from: madeFrom, became } = image.lineage;
  const drafts = madeFrom.filter(({ kind }) => kind === 'draft');
  return (
    <>
      {drafts.length > 0 && (
        <Section title={t.madeFrom}>
          <ul className="grid grid-cols-3 gap-2">
            {drafts.map(({ id, image: draft }) => (
              <li key={id}>
                {draft === null ? (
                  <span className="text-small text-muted">{t.draftGone}</span>
                ) : (
                  <RelatedPicture picture={draft} label={t.draft} />
                )}
              </li>
            ))}
          </ul>
          <CompareLink ids={[...drafts.map(({ id }) => id), image.id]} label={t.compareDraft} />
        </Section>
      )}
      {became.length > 0 && (
        <Section title={t.became}>
          <ul className="grid grid-cols-3 gap-2">
            {became.map((final) => (
              <Final key={final.job_id} final={final} />
            ))}
          </ul>
          <CompareLink
            ids={[image.id, ...became.flatMap(({ images }) => images.map(({ id }) => id))]}
            label={t.compareFinals}
          />
        </Section>
      )}
    </>
  );
}

function Final({ final }: { final: Lineage['became'][number] }) {
  const t = useTexts(lineageTexts);
  const states = useTexts(statusTexts);
  if (final.images.length > 0)
    return final.images.map((picture) => (
      <li key={picture.id}>
        <RelatedPicture picture={picture} label={t.final} />
      </li>
    ));
  return (
    <li className="grid aspect-square place-items-center rounded-medium bg-sunken text-center">
      <Link
        to="/activity/jobs/$jobId"
        params={{ jobId: final.job_id }}
        className="p-1 text-small text-muted hover:text-ink"
      >
        {states[final.status]}
      </Link>
    </li>
  );
}

function RelatedPicture({ picture, label }: { picture: Related; label: string }) {
  return (
    <Link
      to="/gallery/$jobId/$index"
      params={paramsOf(picture.id)}
      search={(now) => now}
      className="block"
    >
      <Picture
        src={address(picture.thumbnail_url ?? picture.url)}
        alt={label}
        width={1}
        height={1}
        thumbhash={picture.thumbhash}
      />
    </Link>
  );
}

function CompareLink({ ids, label }: { ids: readonly string[]; label: string }) {
  if (ids.length < 2) return null;
  return (
    <Link
      to="/gallery/compare"
      search={{ ids: ids.slice(0, mostCompared).join(',') }}
      className={`${actionLink} inline-flex items-center gap-2 self-start text-small`}
    >
      <Columns2 aria-hidden className="size-[1rem]" />
      {label}
    </Link>
  );
}
