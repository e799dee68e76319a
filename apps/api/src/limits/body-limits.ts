/** Sizes of JSON bodies in bytes; uploads have their own limits (`domain/file-rules.ts`). */

/** Enough for 32,000 characters of any script, escaped, and all metadata. */
export const bodyLimitBytes = 1024 * 1024;

/** Bodies, and texts of forms, that are not counted: nearly all requests have less. */
export const uncountedBytes = 16 * 1024;

/**
 * Total of what a process buffers at a time: of all bodies their first `bodyLimitBytes`, the same
 * of what is above that, and the same of the texts of forms; see `large-body-limiter.ts`.
 */
export const maxBufferedBodyBytes = 64 * 1024 * 1024;

/**
 * Limit of bodies that may contain pictures: base64 is buffered whole while it is read, so larger
 * pictures have to be uploaded as files.
 */
export const submissionLimitBytes = 20 * 1024 * 1024;
