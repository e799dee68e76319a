import { useFormat } from '../../texts/format.ts';

/** An amount in US dollars, as the API sends it; null: unknown. */
export function Money({ dollars }: { dollars: number | null }) {
  const format = useFormat();
  return <span className="tabular">{dollars === null ? '–' : format.money(dollars)}</span>;
}
