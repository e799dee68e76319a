/** Pictures that are dropped or pasted anywhere on the page. */
import { useEffect, useEffectEvent, useState } from 'react';

/** @returns whether files are being dragged over the page */
export function useIncoming(onFiles: (files: File[]) => void): boolean {
  const [isDropping, setIsDropping] = useState(false);
  const receive = useEffectEvent(onFiles);
  useEffect(() => {
    // Each element that the pointer enters or leaves is counted; 0: it has left the page.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean =>
      event.dataTransfer?.types.includes('Files') === true;
    const setDepth = (next: number): void => {
      depth = Math.max(0, next);
      setIsDropping(depth > 0);
    };
    const enter = (event: DragEvent): void => {
      if (hasFiles(event)) setDepth(depth + 1);
    };
    const leave = (event: DragEvent): void => {
      if (hasFiles(event)) setDepth(depth - 1);
    };
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      receive([...(event.dataTransfer?.files ?? [])]);
    };
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || document.querySelector('[role="dialog"][data-open]') !== null)
        return;
      event.preventDefault();
      receive(files);
    };
    const ends = new AbortController();
    const { signal } = ends;
    addEventListener('dragenter', enter, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('dragover', over, { signal });
    addEventListener('drop', drop, { signal });
    addEventListener('paste', paste, { signal });
    return () => ends.abort();
  }, []);
  return isDropping;
}
