/**
 * Previews: what a streamed call shows of its picture while it is made. Best effort: a preview that cannot be kept is logged and missed by
 * nobody, and none of them is ever a result, for they lie apart from the images. No record names them, and nothing deletes them yet.
 */
import { contentTypeOf } from '../domain/content-type.ts';
import type { Logger } from '../logger.ts';
import { inspectImage } from '../provider/inspect-image.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export interface PreviewKeeper {
  /** Returns at once and never throws. */
  offer(index: number, bytes: Uint8Array): void;
  /** Resolves when all that was offered is stored, passed over or given up. */
  settled(): Promise<void>;
}

export interface KeptPreview {
  jobId: string;
  attemptNo: number;
  index: number;
  objectKey: string;
}

/** Of one attempt. One preview is written at a time; of those that come meanwhile only the newest is kept: it shows more than the others. */
export function createPreviewKeeper(
  deps: { store: ObjectStore; log: Logger; onKept?: (preview: KeptPreview) => void },
  attempt: { jobId: string; no: number },
): PreviewKeeper {
  const { store, log, onKept } = deps;
  let newest: { index: number; bytes: Uint8Array } | null = null;
  let writing: Promise<void> | null = null;

  async function keep(index: number, bytes: Uint8Array): Promise<void> {
    const inspected = await inspectImage(bytes);
    if (inspected.status === 'unusable') throw new Error(`the preview is not usable: ${inspected.reason}`);
    const objectKey = keyOf(attempt, index, inspected.format);
    await store.put(objectKey, bytes, { contentType: contentTypeOf(inspected.format) });
    onKept?.({ jobId: attempt.jobId, attemptNo: attempt.no, index, objectKey });
  }

  async function writeAll(): Promise<void> {
    for (let next = newest; next !== null; next = newest) {
      newest = null;
      const { index, bytes } = next;
      await keep(index, bytes).catch((err: unknown) =>
        log.warn({ err, attempt: attempt.no, preview: index }, 'a preview could not be kept'),
      );
    }
    writing = null;
  }

  return {
    offer(index, bytes) {
      newest = { index, bytes };
      writing ??= writeAll();
    },
    async settled() {
      await writing;
    },
  };
}

/** As the keys of images, in a folder of their own: `previews/<last two of the job's id>/<job>/<attempt>-<partial>.<format>`. */
function keyOf({ jobId, no }: { jobId: string; no: number }, index: number, format: string): string {
  return `previews/${jobId.slice(-2)}/${jobId}/${no}-${index}.${format}`;
}
