/** The time of day for components that count: one timer for all of them, once a second. */
import { useStore } from '@nanostores/react';
import { atom, onMount } from 'nanostores';

const nowSeconds = atom(Date.now() / 1_000);

onMount(nowSeconds, () => {
  nowSeconds.set(Date.now() / 1_000);
  const timer = setInterval(() => nowSeconds.set(Date.now() / 1_000), 1_000);
  return () => clearInterval(timer);
});

/** Unix seconds; the component renders once a second. */
export function useNow(): number {
  return useStore(nowSeconds);
}
