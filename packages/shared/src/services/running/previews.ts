/**
 * Previews: what a streamed call shows of its picture while it is made. Best effort: a preview that
 * cannot be kept is logged and missed by nobody, and none of them is ever a result, for they lie
 * apart from the images. No record names them but the event that tells of each;
 * `collect-garbage.ts` deletes them after their job's end.
 */
import { contentTypeOf } from '../../domain/content-type.ts';
import type { Logger } from '../../logger.ts';
import { inspectImage } from '../../provider/answer/inspect-image.ts';
import { recordPreviewEvent } from '../../records/events/events.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SpooledAttempt } from '../../storage/local/spool.ts';
import { keyOfPreview } from '../files/object-keys.ts';

/** As many as a call may be asked for. */
const mostWaiting = 3;

export interface PreviewKeeper {
  /** Returns at once and never throws. */
  offer(index: number, bytes: Uint8Array): void;
  /** Resolves when all that was offered is stored and told, passed over or given up. */
  settled(): Promise<void>;
}

/**
 * Of one attempt. One preview is written at a time; of those that come meanwhile only the newest is
 * kept, as it shows more than the others. All of them (three at most) where `isWatched`: somebody
 * asked for them and has paid.
 */
export function createPreviewKeeper(
  { db, store, log }: { db: Database; store: ObjectStore; log: Logger },
  attempt: SpooledAttempt,
  isWatched = false,
): PreviewKeeper {
  let waiting: { index: number; bytes: Uint8Array }[] = [];
  let writing: Promise<void> | null = null;

  async function keep(index: number, bytes: Uint8Array): Promise<void> {
    const inspected = await inspectImage(bytes);
    if (inspected.status === 'unusable')
      throw new Error(`the preview is not usable: ${inspected.reason}`);
    const preview = { ...attempt, index, format: inspected.format };
    await store.put(keyOfPreview(preview), bytes, { contentType: contentTypeOf(inspected.format) });
    await recordPreviewEvent(db, preview);
  }

  async function writeAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { index, bytes } = next;
      await keep(index, bytes).catch((err: unknown) =>
        log.warn({ err, attempt: attempt.no, preview: index }, 'a preview could not be kept'),
      );
    }
    writing = null;
  }

  return {
    offer(index, bytes) {
      waiting = [...(isWatched ? waiting.slice(1 - mostWaiting) : []), { index, bytes }];
      writing ??= writeAll();
    },
    async settled() {
      await writing;
    },
  };
}
