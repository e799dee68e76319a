import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { actionLink } from '../../components/display/action-link.ts';
import type { Job } from '../../requests/types.ts';
import { useFormat } from '../../texts/format.ts';
import { useTexts } from '../../texts/i18n.ts';
import type { ImageDetails } from '../marks/marks.ts';
import { panelTexts } from '../texts.ts';
import type { JobImage } from '../use-picture.ts';

export interface FactsProps {
  job: Job;
  image: JobImage;
  details: ImageDetails | undefined;
}

/** What was asked for and got, when, what it cost, and where it belongs. */
export function Facts({ job, image, details }: FactsProps) {
  const t = useTexts(panelTexts);
  const format = useFormat();
  const { request, cost, chosen } = job;
  const asked = [request.size ?? 'auto', request.quality, request.output_format];
  const got = [`${image.width}x${image.height}`, chosen?.quality ?? request.quality, image.format];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-small">
      <Fact name={t.asked}>{join(asked)}</Fact>
      <Fact name={t.got}>{join([...got, format.bytes(image.bytes)])}</Fact>
      <Fact name={t.model}>{job.model}</Fact>
      <Fact name={t.cost}>{cost.actual === null ? t.notPaid : format.money(cost.actual)}</Fact>
      {job.images.length > 1 && typeof details?.cost.actual === 'number' && (
        <Fact name={t.share}>{format.money(details.cost.actual)}</Fact>
      )}
      <Fact name={t.made}>{format.fullTime(job.finished_at ?? job.created_at)}</Fact>
      {job.custom_id !== null && <Fact name={t.customId}>{job.custom_id}</Fact>}
      {Object.entries(job.metadata).map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
      {job.batch_id !== null && (
        <Fact name={t.batch}>
          <Link to="/batches/$id" params={{ id: job.batch_id }} className={actionLink}>
            {t.openBatch}
          </Link>
        </Fact>
      )}
      <Fact name={t.job}>
        <Link
          to="/activity/jobs/$jobId"
          params={{ jobId: job.id }}
          className={`${actionLink} font-mono`}
        >
          {job.id}
        </Link>
      </Fact>
      {typeof details?.reused_from === 'string' && (
        <Fact name={t.reused}>
          <Link
            to="/activity/jobs/$jobId"
            params={{ jobId: details.reused_from }}
            className={actionLink}
          >
            {t.reusedFrom}
          </Link>
        </Fact>
      )}
    </dl>
  );
}

function join(values: readonly (string | undefined)[]): string {
  return values.filter((each) => each !== undefined).join(' · ');
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="max-w-[8rem] wrap-anywhere text-muted">{name}</dt>
      <dd className="tabular wrap-anywhere">{children}</dd>
    </>
  );
}
