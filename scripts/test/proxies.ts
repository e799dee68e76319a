/**
 * `npm run test:proxies`: runs Kiln behind nginx, Caddy and HAProxy as docs/proxy.md configures
 * them, over TLS, each with an upload of 200 MB.
 */
process.env['KILN_TEST_PROXIES'] = 'all';
process.argv.push('--project', 'integration', 'tests/integration/network/reverse-proxies.test.ts');
await import('../test.ts');
