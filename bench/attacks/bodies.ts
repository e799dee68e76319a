/** Bodies that make a server work for nothing, beyond its limits and just within them. */
import { deflateRawSync } from 'node:zlib';
import { buildZip } from '../../tests/support/zip.ts';

/** A job whose `provider_options` have so many fields. */
export function wideJob(fields: number): string {
  const options = Array.from({ length: fields }, (_, index) => `"x${index.toString(36)}":1`);
  return `{"prompt":"wide","provider_options":{${options.join(',')}}}`;
}

/** A job of which the JSON has so many levels, the outermost included. */
export function deepJob(levels: number): string {
  const inside = levels - 2;
  return `{"prompt":"deep","provider_options":{"x":${'['.repeat(inside)}${']'.repeat(inside)}}}`;
}

/** A zip of 50 kB whose entries all are the same 48 MB of zeros. */
export function overlappingZip(entries: number): Buffer {
  const content = Buffer.alloc(48_000_000);
  const packed = deflateRawSync(content);
  const first = { name: '0.png', content, packed };
  const others = Array.from({ length: entries - 1 }, (_, index) => ({
    name: `${index + 1}.png`,
    content: Buffer.alloc(0),
    claimedBytes: content.length,
    packed: Buffer.alloc(0),
    claimedPackedBytes: packed.length,
    sharesBytesOf: 0,
  }));
  return buildZip([first, ...others]);
}
