/**
 * Tells a decoder that ran out of time from one that met a damaged picture: sharp reports both as
 * an error. Only the thread's owner knows whether the picture or a busy machine is the cause, so a
 * task must rethrow this error and make no statement about the picture.
 */

/** True when the error is that of sharp's `timeout`. */
export function isDecoderTimeout(error: unknown): boolean {
  return error instanceof Error && /(^|\n)timeout: \d+% complete/.test(error.message);
}
