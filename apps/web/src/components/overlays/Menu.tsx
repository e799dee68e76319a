import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { cx } from '../cx.ts';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  isDangerous?: boolean;
  /** Why it cannot be done now; shown below the label. */
  unavailable?: string | undefined;
  /** A line above it. */
  startsGroup?: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  items: readonly MenuItem[];
  align?: 'start' | 'center' | 'end';
}

/** Things to do, behind one button. */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} className="z-40">
          <Base.Popup
            className="min-w-[13rem] animate-pop rounded-medium border border-line bg-raised p-1
              shadow-float outline-none"
          >
            {items.map((item) => (
              <MenuLine key={item.label} item={item} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function MenuLine({ item }: { item: MenuItem }) {
  const { label, icon: Icon, isDangerous, unavailable, startsGroup, onSelect } = item;
  return (
    <>
      {startsGroup === true && <Base.Separator className="my-1 h-px bg-line" />}
      <Base.Item
        aria-disabled={unavailable !== undefined || undefined}
        closeOnClick={unavailable === undefined}
        onClick={() => {
          if (unavailable === undefined) onSelect();
        }}
        className={cx(
          'flex cursor-default items-center gap-3 rounded-small px-3 py-2 outline-none select-none',
          'data-highlighted:bg-sunken aria-disabled:text-muted',
          isDangerous === true && 'text-bad',
        )}
      >
        {Icon !== undefined && <Icon aria-hidden className="size-[1.125rem] shrink-0 opacity-80" />}
        <span className="flex grow flex-col">
          {label}
          {unavailable !== undefined && <span className="text-small">{unavailable}</span>}
        </span>
      </Base.Item>
    </>
  );
}
