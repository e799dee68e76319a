/**
 * The pictures that come with a batch. Each is stored and checked as it arrives, and must have a
 * name that no other picture of the request has.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import { receiveSource, type NewSource, type SourceDeps } from '../../edits/source-files.ts';
import type { OpenedBytes } from '../../files/store-file.ts';
import { cutText } from '../../../schemas/text.ts';

/**
 * The limit of one request. A batch that needs more pictures names, by their ids, files that were
 * uploaded before.
 */
export const maxPictures = 1_000;
const maxTotalBytes = 1_000_000_000;
/** The record of the batch keeps all names. */
const maxNameBytes = 255;

export interface UploadedPictures {
  readonly sources: NewSource[];
  /** File ids by name. */
  readonly names: Record<string, string>;
  /**
   * Stores and checks one picture. Throws the errors of `receiveSource` and `open`, and
   * `invalid_request` for a picture beyond the limits, or with an invalid or repeated name.
   * @param open called only if the name and the number of pictures are allowed; the bytes are
   * closed in any case
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
          `files: received two pictures with the name "${name}"; each name may be used once, ` +
            'because rows refer to pictures by name',
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

/** An entry of a zip has a path for a name, and may hold any bytes. */
function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const hasControls = /\p{Cc}/u.test(name);
  if (bytes <= maxNameBytes && !hasControls) return;
  throw new KilnError(
    'invalid_request',
    `files: received the name ${JSON.stringify(cutText(name, 100))} ` +
      `${hasControls ? 'with a control character' : `of ${bytes.toLocaleString('en')} bytes`}; a ` +
      `name has at most ${maxNameBytes} bytes, and no control characters`,
    { param: 'files' },
  );
}

function tooMany(what: string): KilnError {
  return new KilnError(
    'invalid_request',
    `files: received ${what}; upload them to /v1/files and use their ids in the rows, or make ` +
      'several batches',
    { param: 'files' },
  );
}

/** Adds the name of the picture, because a request may hold many. */
function withName(error: unknown, name: string): unknown {
  if (!(error instanceof KilnError) || error.param !== 'file') return error;
  return new KilnError(error.code, `files: "${name}": ${error.message.replace(/^file: /, '')}`, {
    param: 'files',
    ...(error.retryAfterMs !== null && { retryAfterMs: error.retryAfterMs }),
  });
}
