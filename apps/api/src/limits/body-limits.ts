/**
 * Bytes of JSON bodies; what is uploaded as it comes has limits of its own
 * (`domain/file-rules.ts`).
 */

/** Room for 32,000 characters of any script, escaped, and all metadata. */
export const bodyLimitBytes = 1024 * 1024;

/** Of all bodies that are larger than that, together; see `body-room.ts`. */
export const maxBufferedBodyBytes = 64 * 1024 * 1024;

/**
 * Of what may hold pictures: in base64 they are held whole while they are read, so larger ones are
 * uploaded as files.
 */
export const submissionLimitBytes = 20 * 1024 * 1024;
