/**
 * Stores the previews that a streamed call sends while its picture is made. Best effort: a preview
 * that cannot be stored is logged, and the job goes on. Previews are stored apart from the images,
 * so none of them is ever a result. Only the event of each names it; `collect-garbage.ts` deletes
 * them after the end of their job.
 */
import { contentTypeOf } from '../../domain/content-type.ts';
import type { Logger } from '../../logger.ts';
import { inspectImage } from '../../provider/answer/inspect-image.ts';
import { recordPreviewEvent } from '../../records/events/preview-events.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { SpooledAttempt } from '../../storage/local/spool.ts';
import { keyOfPreview } from '../files/object-keys.ts';

/** The most previews that a call can be asked for. */
const mostWaiting = 3;

export interface PreviewKeeper {
  /** Returns at once and never throws. */
  offer(index: number, bytes: Uint8Array): void;
  /** Resolves when every preview offered so far is stored with its event, skipped or given up. */
  settled(): Promise<void>;
}

/**
 * Keeps the previews of one attempt. One is written at a time. If more arrive meanwhile, only the
 * newest is kept, because it shows more than the others. With `isWatched` all of them are kept
 * (three at most), because the client asked for them and pays for them.
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
        log.warn({ err, attempt: attempt.no, preview: index }, 'a preview could not be stored'),
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
