/** The picture formats that Kiln accepts as sources and results. */

/** Not every provider and field accepts webp. */
export const pictureFormats = ['png', 'jpeg', 'webp'] as const;

export type PictureFormat = (typeof pictureFormats)[number];
