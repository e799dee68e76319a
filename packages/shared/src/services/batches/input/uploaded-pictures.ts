/**
 * The pictures that come with a batch, one after the other: each is stored and looked at, and has a
 * name that no other has.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import { receiveSource, type NewSource, type SourceDeps } from '../../edits/source-files.ts';
import type { OpenedBytes } from '../../files/store-file.ts';

/** Of one request: more are uploaded as files, and named by their ids. */
export const maxPictures = 1_000;
const maxTotalBytes = 1_000_000_000;
/** All of them are kept with the batch. */
const maxNameBytes = 255;

export interface UploadedPictures {
  readonly sources: NewSource[];
  /** File ids by name. */
  readonly names: Record<string, string>;
  /**
   * Throws as `receiveSource` and `open` do, and `invalid_request` for one too many, or with a name
   * that was there or is none.
   * @param open called only where the picture may come; whatever becomes of it, its bytes are
   * closed
   */
  add(name: string, open: () => Promise<OpenedBytes>): Promise<void>;
}

export function createUploadedPictures(deps: SourceDeps): UploadedPictures {
  const sources: NewSource[] = [];
  const names = Object.create(null) as Record<string, string>;
  let held = 0;

  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      held += chunk.length;
      if (held > maxTotalBytes)
        throw tooMany(`more than ${maxTotalBytes.toLocaleString('en')} bytes of pictures`);
      yield chunk;
    }
  }

  return {
    sources,
    names,
    async add(name, open) {
      if (sources.length >= maxPictures)
        throw tooMany(`more than ${maxPictures.toLocaleString('en')} pictures`);
      checkName(name);
      if (name in names)
        throw new KilnError(
          'invalid_request',
          `files: two are called "${name}"; rows name them by their names`,
          {
            param: 'files',
          },
        );
      const opened = await open();
      try {
        const source = await receiveSource(
          deps,
          'file',
          cleanFilename(name),
          counted(opened.whole),
        );
        sources.push(source);
        names[name] = source.id;
      } catch (error) {
        throw withName(error, name);
      } finally {
        await opened.close();
      }
    },
  };
}

/** Of an entry of a zip it is a path, and may be anything. */
function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const hasControls = /\p{Cc}/u.test(name);
  if (bytes <= maxNameBytes && !hasControls) return;
  throw new KilnError(
    'invalid_request',
    `files: received the name ${JSON.stringify(name.slice(0, 100))} ${hasControls ? 'with a control character' : `of ${bytes.toLocaleString('en')} bytes`}; a name has at most ${maxNameBytes} bytes, and no control characters`,
    { param: 'files' },
  );
}

function tooMany(what: string): KilnError {
  return new KilnError(
    'invalid_request',
    `files: received ${what}; upload them to /v1/files and give their ids, or make several batches`,
    { param: 'files' },
  );
}

/** Which of many it was. */
function withName(error: unknown, name: string): unknown {
  if (!(error instanceof KilnError) || error.param !== 'file') return error;
  return new KilnError(error.code, `files: "${name}": ${error.message.replace(/^file: /, '')}`, {
    param: 'files',
    ...(error.retryAfterMs !== null && { retryAfterMs: error.retryAfterMs }),
  });
}
