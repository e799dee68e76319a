/** `npm run test:browser`: attacks a Kiln without keys from web pages in Chromium. */
process.env['KILN_TEST_BROWSER'] = 'on';
process.argv.push('--project', 'browser');
await import('../test.ts');
