/**
 * Says things to screen readers that others see: `announce('3 pictures are ready')`. Polite: it
 * waits for a pause. Texts that come together are read together.
 */
import { useStore } from '@nanostores/react';
import { atom } from 'nanostores';

const spoken = atom('');
const collectMs = 400;
let pending: string[] = [];

export function announce(text: string): void {
  pending.push(text);
  if (pending.length > 1) return;
  setTimeout(() => {
    // A live region is read when its text changes, so a repeated text needs a difference.
    const next = [...new Set(pending)].join('. ');
    spoken.set(next === spoken.get() ? `${next}\u00A0` : next);
    pending = [];
  }, collectMs);
}

export function Announcer() {
  return (
    <div role="status" aria-live="polite" aria-atomic="true" className="sr-only">
      {useStore(spoken)}
    </div>
  );
}
