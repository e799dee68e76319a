/**
 * Elects one tab. Web Locks say exactly which tab leads, also after a crash. Browsers have them
 * only where the page is safe (https, or this machine); elsewhere every tab that can be seen leads,
 * and hidden ones do not, which keeps the connections few.
 */

/**
 * Calls `begin` when this tab leads, and what it returned when the tab no longer does.
 * @returns ends the candidacy
 */
export function lead(name: string, begin: () => () => void): () => void {
  return 'locks' in navigator ? leadByLock(name, begin) : leadWhileVisible(begin);
}

function leadByLock(name: string, begin: () => () => void): () => void {
  const ended = new AbortController();
  navigator.locks
    .request(name, { signal: ended.signal }, async () => {
      const end = begin();
      await new Promise((resolve) => ended.signal.addEventListener('abort', resolve));
      end();
    })
    .catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
  return () => ended.abort();
}

function leadWhileVisible(begin: () => () => void): () => void {
  let end: (() => void) | null = null;
  const follow = (): void => {
    if (document.hidden === (end === null)) return;
    end?.();
    end = document.hidden ? null : begin();
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    end?.();
  };
}
