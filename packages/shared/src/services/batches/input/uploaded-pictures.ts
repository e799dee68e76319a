/**
 * The pictures that come with a batch. Each is stored and checked as it arrives, and must have a
 * name that no other picture of the request has, as rows write names: `./a.png` is `a.png`, and an
 * umlaut is the same letter whether it is one code point or two.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';
import { KilnError } from '../../../errors.ts';
import { receiveSource, type NewSource, type SourceDeps } from '../../edits/source-files.ts';
import type { OpenedBytes } from '../../files/store-file.ts';
import { normaliseSourceName } from './source-names.ts';
import type { UnzipLimiter } from './unzip-limiter.ts';

/**
 * The limit of one request. A batch that needs more pictures names, by their ids, files that were
 * uploaded before.
 */
export const maxPictures = 1_000;
const maxTotalBytes = 1_000_000_000;
/** The record of the batch keeps all names. */
const maxNameBytes = 255;

export type PicturesDeps = SourceDeps & { unzipLimiter: UnzipLimiter };

export interface UploadedPictures {
  readonly sources: NewSource[];
  /** File ids by name. */
  readonly names: Record<string, string>;
  /**
   * Stores and checks one picture. Throws the errors of `receiveSource` and `open`, and
   * `invalid_request` for a picture beyond the limits, or with an invalid or repeated name.
   * @param open called only if the name and the number of pictures are allowed; the bytes are
   * closed in any case
   * @param otherNames names by which rows may refer to the picture, unless another one has them
   */
  add(
    name: string,
    open: () => Promise<OpenedBytes>,
    otherNames?: readonly string[],
  ): Promise<void>;
  /**
   * Call it before adding the pictures of a zip. Throws `invalid_request` if they exceed the limits
   * of a request, and `unzipping_busy` if they exceed that of the process.
   */
  reserve(count: number, bytes: number): void;
  /** Call it when the request was accepted or refused. */
  release(): void;
}

export function createUploadedPictures(deps: PicturesDeps): UploadedPictures {
  const sources: NewSource[] = [];
  const names = Object.create(null) as Record<string, string>;
  /** The names that came, by the names that rows find them by. */
  const taken = new Map<string, string>();
  /** Further names of pictures, by the same. Null: two pictures may be meant. */
  const others = new Map<string, { name: string; id: string } | null>();
  const reservations: (() => void)[] = [];
  let held = 0;

  function refuseBeyond(count: number, bytes: number): void {
    if (count > maxPictures)
      throw tooMany(`more than ${maxPictures.toLocaleString('en')} pictures`);
    if (bytes > maxTotalBytes)
      throw tooMany(`more than ${maxTotalBytes.toLocaleString('en')} bytes of pictures`);
  }

  function addOther(name: string, id: string): void {
    const key = normaliseSourceName(name);
    const known = others.get(key);
    others.set(key, known === undefined || known?.id === id ? { name, id } : null);
  }

  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      held += chunk.length;
      refuseBeyond(sources.length, held);
      yield chunk;
    }
  }

  return {
    sources,
    get names() {
      const known = Object.create(null) as Record<string, string>;
      for (const [key, other] of others)
        if (other !== null && !taken.has(key)) known[other.name] = other.id;
      return Object.assign(known, names);
    },
    async add(name, open, otherNames = []) {
      refuseBeyond(sources.length + 1, held);
      checkName(name);
      const key = normaliseSourceName(name);
      const earlier = taken.get(key);
      if (earlier !== undefined) throw tooAlike(earlier, name);
      taken.set(key, name);
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
        for (const other of otherNames) if (isName(other)) addOther(other, source.id);
      } catch (error) {
        throw withName(error, name);
      } finally {
        await opened.close();
      }
    },
    reserve(count, bytes) {
      refuseBeyond(sources.length + count, held + bytes);
      reservations.push(deps.unzipLimiter.reserve(bytes));
    },
    release() {
      for (const free of reservations) free();
    },
  };
}

const controls = /\p{Cc}/u;

function isName(name: string): boolean {
  const isSafe = name !== '__proto__' && !controls.test(name);
  return isSafe && Buffer.byteLength(name) <= maxNameBytes;
}

/** An entry of a zip has a path for a name, and may hold any bytes. */
function checkName(name: string): void {
  if (isName(name)) return;
  if (name === '__proto__')
    throw new KilnError('invalid_request', 'files: no file may be called __proto__; rename it', {
      param: 'files',
    });
  const bytes = Buffer.byteLength(name);
  const hasControls = controls.test(name);
  throw new KilnError(
    'invalid_request',
    `files: received the name ${JSON.stringify(Array.from(name).slice(0, 100).join(''))} ` +
      `${hasControls ? 'with a control character' : `of ${bytes.toLocaleString('en')} bytes`}; a ` +
      `name has at most ${maxNameBytes} bytes, and no control characters`,
    { param: 'files' },
  );
}

function tooAlike(earlier: string, name: string): KilnError {
  const spelling = earlier === name ? '' : ' in two spellings that rows cannot tell apart';
  return new KilnError(
    'invalid_request',
    `files: received two pictures with the name "${name}"${spelling}; each name may be used ` +
      'once, because rows refer to pictures by name',
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
