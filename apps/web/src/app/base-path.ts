/**
 * Where the studio is served. The API writes `<base href>` into the page, so that everything works
 * below the prefix of a proxy.
 */

/** Absolute, with a final slash: `https://host/kiln/`. */
export const baseUrl = new URL('./', document.baseURI).href;

/** Path of `baseUrl`, without its final slash: `/kiln`, or empty at the root. */
export const basePath = new URL(baseUrl).pathname.replace(/\/$/, '');
