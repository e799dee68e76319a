/** A part of a form. The bytes of a file must be read before the next part is requested. */
export type FormPart =
  | {
      kind: 'field';
      name: string;
      value: string;
      /** True if the value was longer than any value may be, and was cut. */
      isTruncated: boolean;
    }
  | {
      kind: 'file';
      name: string;
      filename: string;
      /** The `charset` of its content type. */
      charset: string | null;
      bytes: AsyncIterable<Uint8Array>;
    };
