/**
 * The columns that Kiln appends to failed.csv. When such a file is uploaded again, they are
 * dropped.
 */
export const failureColumns = ['error_code', 'error'] as const;
