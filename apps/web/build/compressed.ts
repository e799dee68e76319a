/** Writes a brotli copy beside every text file of the build, which the API sends as it is. */
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

const compress = promisify(brotliCompress);

export function compressed(): Plugin {
  return {
    name: 'kiln:compressed',
    apply: 'build',
    // After the plugins that put style sheets into the bundle.
    generateBundle: { order: 'post', handler: compressAll },
  };
}

async function compressAll(
  this: Rolldown.PluginContext,
  _options: unknown,
  bundle: Rolldown.OutputBundle,
): Promise<void> {
  const texts = Object.values(bundle).filter(({ fileName }) => /\.(js|css)$/.test(fileName));
  await Promise.all(
    texts.map(async (file) => {
      const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
      this.emitFile({
        type: 'asset',
        fileName: `${file.fileName}.br`,
        source: await compress(source, {
          params: { [constants.BROTLI_PARAM_SIZE_HINT]: source.length },
        }),
      });
    }),
  );
}
