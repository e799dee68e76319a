/**
 * The columns that failed.csv has behind the caller's own; a file that ends with them has them
 * dropped.
 */
export const failureColumns = ['error_code', 'error'] as const;
