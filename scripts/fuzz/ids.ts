/** Ids that answers have named, so that later requests can name them too. */

/** The words in requests that stand for an id, and the beginning of such ids. */
const words: Readonly<Record<string, string>> = {
  FILE: 'file-',
  BATCH: 'batch_',
  JOB: 'job_',
  ENDPOINT: 'whe_',
  EVENT: 'evt_',
  DELIVERY: 'dlv_',
};
const beginnings: readonly [path: string, word: keyof typeof words][] = [
  ['/v1/jobs', 'JOB'],
  ['/v1/batches', 'BATCH'],
  ['/v1/files', 'FILE'],
  ['/v1/webhook_endpoints', 'ENDPOINT'],
  ['/v1/deliveries', 'DELIVERY'],
];
const keptPerWord = 200;

export interface Ids {
  /** Remembers the ids in an answer. */
  collect(answer: string): void;
  /** An id that belongs into a path such as `/v1/jobs/{id}`. */
  ofPath(path: string, at: number): string;
  insertText(text: string): string;
  insert(body: Buffer): Buffer;
}

export function createIds(receiverUrl: string): Ids {
  const known = new Map<string, string[]>(Object.keys(words).map((word) => [word, []]));
  let turn = 0;

  function take(word: string, at: number): string {
    const all = known.get(word) ?? [];
    return all[at % Math.max(1, all.length)] ?? `${words[word] ?? ''}none`;
  }

  function insertText(text: string): string {
    return text
      .replaceAll('RECEIVER', receiverUrl)
      .replaceAll(/\b(?:FILE|BATCH|JOB|ENDPOINT|EVENT|DELIVERY)\b/g, (word) => take(word, turn++));
  }

  return {
    collect(answer) {
      for (const [id] of answer.matchAll(/\b(?:file-|batch_|job_|whe_|evt_|dlv_)[0-9a-f]{20,}/g)) {
        const word = Object.keys(words).find((each) => id.startsWith(words[each] ?? ''));
        const all = known.get(word ?? '');
        if (all === undefined || all.includes(id)) continue;
        all.push(id);
        if (all.length > keptPerWord) all.shift();
      }
    },
    ofPath(path, at) {
      const word = beginnings.find(([beginning]) => path.startsWith(beginning))?.[1] ?? 'JOB';
      return take(word, at);
    },
    insertText,
    insert(body) {
      const text = body.toString('latin1');
      const inserted = insertText(text);
      return inserted === text ? body : Buffer.from(inserted, 'latin1');
    },
  };
}
