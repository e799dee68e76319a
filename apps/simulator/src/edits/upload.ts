/** One uploaded picture of an edit: its bytes as they came, and what they turn out to be. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

export interface Upload {
  /** The field it came in. */
  field: string;
  filename: string;
  contentType: string;
  bytes: Buffer;
  sha256: string;
  /** Null for bytes that are no picture. */
  picture: UploadedPicture | null;
}

export interface UploadedPicture {
  format: string;
  /** After its EXIF orientation was applied. */
  width: number;
  height: number;
  hasAlpha: boolean;
  /** No pixel of it can be seen through, not even a little. */
  isOpaque: boolean;
}

/** The pictures of an edit, by what they are for. */
export interface Uploads {
  images: readonly Upload[];
  mask: Upload | null;
  markup: Upload | null;
}

export async function inspectUpload(
  field: string,
  filename: string,
  contentType: string,
  bytes: Buffer,
): Promise<Upload> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { field, filename, contentType, bytes, sha256, picture: await inspectPicture(bytes) };
}

async function inspectPicture(bytes: Buffer): Promise<UploadedPicture | null> {
  try {
    const { format, autoOrient, hasAlpha } = await sharp(bytes).metadata();
    const isOpaque = !hasAlpha || (await sharp(bytes).stats()).isOpaque;
    return { format, ...autoOrient, hasAlpha, isOpaque };
  } catch {
    return null; // whatever is wrong with it: to the provider it is no picture
  }
}
