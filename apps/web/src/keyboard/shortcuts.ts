/**
 * The keys of the studio. A component registers keys while it is shown (`useShortcuts`); `?` lists
 * those that work at the moment. Keys: `mod+k` (⌘ or Ctrl), `g c` (one after the other), `?`, `j`,
 * `Escape`. While the visitor types, or while a dialog is open, only keys with `mod` work.
 */
import { useEffect, useId } from 'react';
import { atom } from 'nanostores';

interface OwnShortcut {
  keys: string;
  /** What it does, for the list. Two places with the same keys: the last one registered wins. */
  label: string;
  run: () => void;
  /** Also while the visitor types; `mod` keys always do. */
  whileTyping?: boolean;
}

/** Keys that the browser knows by itself; they are only listed. */
interface NativeShortcut {
  keys: string;
  label: string;
  isNative: true;
}

export type Shortcut = OwnShortcut | NativeShortcut;

/** Each component has its own list; the order is that in which they came. */
export const shortcuts = atom<ReadonlyMap<string, readonly Shortcut[]>>(new Map());

/** Registers keys for as long as the component is shown. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const id = useId();
  useEffect(() => {
    shortcuts.set(new Map(shortcuts.get()).set(id, list));
  }, [id, list]);
  useEffect(
    () => () => shortcuts.set(new Map([...shortcuts.get()].filter(([other]) => other !== id))),
    [id],
  );
}

const sequenceMs = 1_200;
let first: { key: string; atMs: number } | null = null;

/** @returns ends it */
export function listenToKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.key === 'Process') return;
  const key = nameOf(event);
  if (key === null) return;
  const isTyping = isEditable(event.target);
  const isCovered = document.querySelector('[role="dialog"][data-open]') !== null;
  const sequence =
    first !== null && event.timeStamp - first.atMs < sequenceMs ? `${first.key} ${key}` : key;
  const all = [...shortcuts.get().values()].flat().toReversed().filter(isOwn);
  const found = [sequence, key]
    .map((keys) => all.find((each) => each.keys === keys))
    .find((each) => each !== undefined);
  const begins = all.some(({ keys }) => keys.startsWith(`${key} `));
  first = begins && !isTyping && found?.keys !== sequence ? { key, atMs: event.timeStamp } : null;
  if (found === undefined) return;
  const isFree = !isTyping && !isCovered;
  if (!isFree && !key.startsWith('mod+') && found.whileTyping !== true) return;
  event.preventDefault();
  found.run();
}

function isOwn(shortcut: Shortcut): shortcut is OwnShortcut {
  return !('isNative' in shortcut);
}

function nameOf({ key, metaKey, ctrlKey, altKey }: KeyboardEvent): string | null {
  if (['Meta', 'Control', 'Shift', 'Alt'].includes(key)) return null;
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (altKey) return `alt+${name}`;
  return metaKey || ctrlKey ? `mod+${name}` : name;
}

function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button', 'submit', 'file'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys as they are printed on them: `⌘ K`, `G C`. */
export function printedKeys(keys: string): string[] {
  const names: Readonly<Record<string, string>> = {
    mod: isMac ? '⌘' : 'Ctrl',
    alt: isMac ? '⌥' : 'Alt',
    Escape: 'Esc',
    Enter: '⏎',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
  };
  return keys
    .split(/ |\b\+/)
    .map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
