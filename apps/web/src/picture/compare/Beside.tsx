import { Link } from '@tanstack/react-router';
import { Badge } from '../../components/display/Badge.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { paramsOf } from '../picture-id.ts';
import { Stage } from '../stage/Stage.tsx';
import { useStage } from '../stage/use-stage.ts';
import type { Zoom } from '../stage/zoom.ts';
import { compareTexts } from './texts.ts';
import type { Compared } from './use-compared.ts';

export interface CompareViewProps {
  all: readonly Compared[];
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  /** Each picture's source stands in its place while a key is held. */
  showsSource: boolean;
}

/** Two to four pictures side by side; the same part of each is shown, however large it is. */
export function Beside({ all, ...view }: CompareViewProps) {
  const columns = all.length === 3 ? 'tablet:grid-cols-3' : 'tablet:grid-cols-2';
  return (
    <ul className={`absolute inset-0 grid auto-rows-fr gap-px bg-line ${columns}`}>
      {all.map((compared, index) => (
        <li key={compared.id} className="relative min-h-0 min-w-0 bg-sunken">
          <One compared={compared} number={index + 1} {...view} />
        </li>
      ))}
    </ul>
  );
}

interface OneProps extends Omit<CompareViewProps, 'all'> {
  compared: Compared;
  number: number;
}

function One({ compared, number, zoom, onZoom, showsSource }: OneProps) {
  const t = useTexts(compareTexts);
  const source = showsSource ? compared.source : null;
  const shown = source ?? compared.shown;
  const stage = useStage(shown);
  return (
    <>
      <Stage shown={shown} stage={stage} zoom={zoom} onZoom={onZoom} className="absolute inset-0" />
      <span className="absolute top-2 left-2 flex gap-2">
        <PartBadge part={source === null ? compared.part : 'source'} />
        <Link
          to="/gallery/$jobId/$index"
          params={paramsOf(compared.id)}
          aria-label={t.open({ number })}
          className="tabular grid size-[1.5rem] place-items-center rounded-full bg-surface
            text-small font-semibold"
        >
          {number}
        </Link>
      </span>
    </>
  );
}

export function PartBadge({ part }: { part: Compared['part'] | 'source' }) {
  const t = useTexts(compareTexts);
  if (part === null) return null;
  const words = { draft: t.draft, final: t.final, source: t.source };
  return <Badge tone={part === 'final' ? 'ember' : 'neutral'}>{words[part]}</Badge>;
}
