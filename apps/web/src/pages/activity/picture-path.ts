/**
 * The path of a picture under the API's own address. The API names pictures by its public
 * address, which may differ from the one that the page was opened by; an address of the store stays
 * as it is.
 */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://kiln.invalid/');
  const at = pathname.indexOf('/v1/');
  return at === -1 ? url : `${pathname.slice(at + 1)}${search}`;
}
