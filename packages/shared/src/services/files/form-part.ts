/**
 * A part of a form, as it arrives. The bytes of a file are read before the next part is asked for.
 */
export type FormPart =
  | {
      kind: 'field';
      name: string;
      value: string;
      /** It was longer than any value may be. */ isTruncated: boolean;
    }
  | { kind: 'file'; name: string; filename: string; bytes: AsyncIterable<Uint8Array> };
