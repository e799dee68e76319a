/** Pictures that answers gave the addresses of. Only the newest are kept. */
import { createHash } from 'node:crypto';

export interface ServedPictures {
  /** Keeps a picture and returns the path of its address. */
  add(base64: string): string;
  find(name: string): Buffer | null;
  clear(): void;
}

export const picturesPath = '/_pictures';
const mostKept = 100;

export function createServedPictures(): ServedPictures {
  const kept = new Map<string, Buffer>();
  return {
    add(base64) {
      const bytes = Buffer.from(base64, 'base64');
      const name = createHash('sha256').update(bytes).digest('hex');
      kept.set(name, bytes);
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
      return `${picturesPath}/${name}`;
    },
    find: (name) => kept.get(name) ?? null,
    clear: () => kept.clear(),
  };
}
