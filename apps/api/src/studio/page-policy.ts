/**
 * The security headers of the studio's page. Scripts and styles come from this origin only, none
 * from the text of the page, so that a prompt or a provider's words can never run. No other page
 * may frame it or hold a handle to its window.
 */

/**
 * @param storeOrigin where downloads are redirected to with `KILN_SIGNED_URLS`; pictures come from
 *   there then
 */
export function pagePolicy(storeOrigin: string | null): Readonly<Record<string, string>> {
  const store = storeOrigin === null ? '' : ` ${storeOrigin}`;
  const policy = {
    'default-src': `'none'`,
    'script-src': `'self'`,
    'style-src': `'self'`,
    'img-src': `'self' blob: data:${store}`,
    'connect-src': `'self'${store}`,
    'font-src': `'self'`,
    'frame-ancestors': `'none'`,
    'base-uri': `'self'`,
    'form-action': `'self'`,
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}
