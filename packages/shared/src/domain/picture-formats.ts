/** The picture formats that Kiln accepts as sources and results. */

/** Of these webp is not taken everywhere. */
export const pictureFormats = ['png', 'jpeg', 'webp'] as const;

export type PictureFormat = (typeof pictureFormats)[number];
