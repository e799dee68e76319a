import { address } from '../../api/client.ts';
import { Picture } from '../../components/display/Picture.tsx';
import type { Job } from '../../requests/types.ts';
import { useTexts } from '../../texts/i18n.ts';
import { panelTexts } from '../texts.ts';
import { Section } from './Section.tsx';

/** The pictures that the job was made from, its mask and its markup, as files of Kiln. */
export function Sources({ job }: { job: Job }) {
  const t = useTexts(panelTexts);
  const { images = [], mask, markup } = job.request;
  const files = [
    ...images.map(({ file_id: id }, index) => ({ id, label: t.source({ number: index + 1 }) })),
    ...(mask === undefined ? [] : [{ id: mask.file_id, label: t.mask }]),
    ...(markup === undefined ? [] : [{ id: markup.file_id, label: t.markup }]),
  ];
  if (files.length === 0) return null;
  return (
    <Section title={t.sources}>
      <ul className="grid grid-cols-3 gap-2">
        {files.map(({ id, label }) => (
          <li key={label} className="flex flex-col gap-1">
            <a href={address(`v1/files/${id}/content`)} target="_blank" rel="noreferrer">
              <Picture
                src={address(`v1/files/${id}/content`)}
                alt={label}
                width={1}
                height={1}
                fit="contain"
              />
            </a>
            <span className="text-small text-muted">{label}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
