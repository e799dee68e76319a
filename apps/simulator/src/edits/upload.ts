/** One uploaded picture of an edit: the bytes received, and the facts read from them. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

export interface Upload {
  /** Name of the form field. */
  field: string;
  filename: string;
  contentType: string;
  bytes: Buffer;
  sha256: string;
  /** Null when the bytes are not a picture. */
  picture: UploadedPicture | null;
}

export interface UploadedPicture {
  format: string;
  /** Size after the EXIF orientation is applied. */
  width: number;
  height: number;
  hasAlpha: boolean;
  /** True when every pixel is fully opaque. */
  isOpaque: boolean;
}

/** The pictures of an edit by role. */
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
    return null; // the provider treats any unreadable picture alike
  }
}
