/**
 * What the palette (⌘K) can do. The frame adds its own commands; a page adds those that make sense
 * while it is shown.
 */
import type { LucideIcon } from 'lucide-react';
import { atom } from 'nanostores';
import { useEffect, useEffectEvent } from 'react';

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

export const commands = atom<readonly (readonly Command[])[]>([]);

/** Offers commands for as long as the component is shown. */
export function useCommands(list: readonly Command[]): void {
  const run = useEffectEvent((id: string) => list.find((each) => each.id === id)?.run());
  const describe = useEffectEvent(() =>
    list.map((command) => ({ ...command, run: () => run(command.id) })),
  );
  const shape = list.map(({ id, label, words = '' }) => `${id} ${label} ${words}`).join('\n');
  useEffect(() => {
    const registered = describe();
    commands.set([...commands.get(), registered]);
    return () => commands.set(commands.get().filter((each) => each !== registered));
  }, [shape]);
}
