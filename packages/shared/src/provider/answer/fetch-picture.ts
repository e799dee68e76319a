/** Bytes of a picture that a provider answered with an address of. */
import type { DecodedPicture } from './base64-decoder.ts';

export type FetchedPicture =
  | { status: 'fetched'; picture: DecodedPicture }
  /** The sentence says why, and what an operator can set. */
  | { status: 'missing'; reason: string };

/** Never throws. */
export type FetchPicture = (address: string) => Promise<FetchedPicture>;
