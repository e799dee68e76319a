/**
 * Collects what the encoding of a text is judged by: its pieces with bytes outside ASCII, each
 * once. ASCII reads alike in every encoding that is judged. A piece ends at an ASCII byte that
 * belongs to no character of several bytes: a space, a comma, a quotation mark, a line end.
 *
 * A large file has far more of them than a judgement needs, so the number is limited; but a piece
 * with a byte that no earlier one has is always kept: in encodings of one byte a character, the
 * samples then show every difference between two readings of the whole file.
 */

export interface Sample {
  bytes: Uint8Array;
  /** The position of its first byte in the file. */
  offset: number;
  /** The piece is longer than the sample, which may end within a character. */
  isCut: boolean;
}

export interface Samples {
  pieces: readonly Sample[];
  /** Words in ASCII, which tell the language: they read alike in every encoding. */
  words: readonly string[];
}

export interface SampleCollector {
  add(chunk: Uint8Array): void;
  /** Call it after the last chunk. */
  end(): Samples;
}

const maxWords = 150;
const longestWord = 20;

const maxSamples = 600;
const maxSampleBytes = 16_384;
const maxPieceBytes = 2_048;

export function createSampleCollector(): SampleCollector {
  const samples = new Map<string, Sample>();
  const words = new Set<string>();
  const seenBytes = new Uint8Array(256);
  let heldBytes = 0;
  let offset = 0;
  /** The bytes of a piece that began in an earlier chunk. */
  let carried: Uint8Array[] = [];
  let pieceStart = 0;
  let pieceBytes = 0;
  let hasHighByte = false;

  function finish(last: Uint8Array): void {
    if (hasHighByte) {
      const whole = carried.length === 0 ? last : Buffer.concat([...carried, last]);
      keep({
        bytes: whole.slice(0, maxPieceBytes),
        offset: pieceStart,
        isCut: pieceBytes > maxPieceBytes,
      });
    }
    carried = [];
    pieceBytes = 0;
    hasHighByte = false;
  }

  function addWord(bytes: Uint8Array): void {
    if (bytes.length < 2 || bytes.length > longestWord || carried.length > 0) return;
    const word = Buffer.from(bytes).toString('latin1').toLowerCase();
    if (/^[a-z]+$/.test(word)) words.add(word);
  }

  function keep(sample: Sample): void {
    const isFull = samples.size >= maxSamples || heldBytes >= maxSampleBytes;
    if (isFull && sample.bytes.every((byte) => byte < 0x80 || seenBytes[byte] === 1)) return;
    const key = Buffer.from(sample.bytes).toString('latin1');
    if (samples.has(key)) return;
    samples.set(key, sample);
    heldBytes += sample.bytes.length;
    for (const byte of sample.bytes) seenBytes[byte] = 1;
  }

  return {
    add(chunk) {
      let start = 0;
      for (let index = 0; index < chunk.length; index += 1) {
        const byte = chunk[index] ?? 0;
        if (endsPiece(byte)) {
          if (hasHighByte) finish(chunk.subarray(start, index));
          else if (words.size < maxWords) addWord(chunk.subarray(start, index));
          carried = [];
          pieceBytes = 0;
          start = index + 1;
          continue;
        }
        if (pieceBytes === 0) pieceStart = offset + index;
        pieceBytes += 1;
        if (byte >= 0x80) hasHighByte = true;
      }
      if (start < chunk.length && pieceBytes <= maxPieceBytes + chunk.length)
        carried.push(chunk.slice(start));
      offset += chunk.length;
    },
    end() {
      finish(new Uint8Array());
      return { pieces: [...samples.values()], words: [...words] };
    },
  };
}

/** Digits end no piece: GB18030 has characters of four bytes of which two are digits. */
function endsPiece(byte: number): boolean {
  return byte < 0x30 || (byte > 0x39 && byte < 0x40);
}
