/** The values that request fields take from a fixed list. */

export const outputFormats = ['png', 'jpeg', 'webp', 'gif', 'svg'] as const;
export const qualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export const backgrounds = ['auto', 'opaque', 'transparent'] as const;
export const moderations = ['auto', 'low'] as const;
export const inputFidelities = ['low', 'high'] as const;
/** What an edit may have besides its result. */
export const composites = ['outside_mask'] as const;
export const complexities = ['low', 'medium', 'high'] as const;
export const svgEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
/** What happens when the same request was made before. */
export const dedupeModes = ['off', 'offer', 'reuse'] as const;
export type DedupeMode = (typeof dedupeModes)[number];

export const priorities = ['interactive', 'bulk'] as const;
