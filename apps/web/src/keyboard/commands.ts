/**
 * What the palette (⌘K) can do. The frame adds its own commands; a page adds those that make sense
 * while it is shown.
 */
import type { LucideIcon } from 'lucide-react';
import { atom } from 'nanostores';
import { useEffect, useId } from 'react';

export interface Command {
  /** Unique among all commands. */
  id: string;
  label: string;
  icon?: LucideIcon;
  /** Keys that do the same, as in `useShortcuts`; shown beside the label. */
  keys?: string;
  /** Further words that find it. */
  words?: string;
  run: () => void;
}

/** Each component has its own list; the order is that in which they came. */
export const commands = atom<ReadonlyMap<string, readonly Command[]>>(new Map());

/** Offers commands for as long as the component is shown. */
export function useCommands(list: readonly Command[]): void {
  const id = useId();
  useEffect(() => {
    commands.set(new Map(commands.get()).set(id, list));
  }, [id, list]);
  useEffect(
    () => () => commands.set(new Map([...commands.get()].filter(([other]) => other !== id))),
    [id],
  );
}
