import { useFormat } from '../../texts/format.ts';
import { useNow } from './clock.ts';

/** A moment: the time today, else the date and time; the whole of it in the tooltip. */
export function Time({ at }: { at: number }) {
  const format = useFormat();
  return (
    <time
      dateTime={new Date(at * 1_000).toISOString()}
      title={format.fullTime(at)}
      className="tabular"
    >
      {format.time(at)}
    </time>
  );
}

/** A moment by its distance: `3 minutes ago`. */
export function RelativeTime({ at }: { at: number }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={new Date(at * 1_000).toISOString()} title={format.fullTime(at)}>
      {format.relative(at, now)}
    </time>
  );
}

/** A span of time that does not change: `0:40`. */
export function Duration({ seconds }: { seconds: number }) {
  return <span className="tabular">{useFormat().duration(seconds)}</span>;
}

/** How long ago a moment was, counting up. */
export function Elapsed({ since }: { since: number }) {
  return <Duration seconds={useNow() - since} />;
}
