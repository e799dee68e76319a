import { printedKeys } from '../../keyboard/shortcuts.ts';
import { cx } from '../cx.ts';

/** Keys as they are printed on a keyboard. */
export function KeyCaps({ keys, isInverted = false }: { keys: string; isInverted?: boolean }) {
  return (
    <span className="inline-flex shrink-0 gap-1">
      {printedKeys(keys).map((key, index) => (
        <kbd
          // The same key may come twice.
          key={`${key} ${index}`}
          className={cx(
            'min-w-[1.375rem] rounded-[0.3125rem] border px-1 text-center font-sans text-small',
            isInverted ? 'border-ground/30' : 'border-line bg-sunken text-muted',
          )}
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
