/**
 * Builds the studio into `dist`, for the API to serve. `npx vite` in this folder serves the sources
 * with hot reload beside a running Kiln (KILN_URL, default http://127.0.0.1:8080).
 */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';
import { firstPageGroups } from './build/first-page.ts';

const kilnUrl = process.env['KILN_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // Relative addresses: the page may be served below a prefix that the build does not know.
  base: './',
  plugins: [react(), tailwindcss(), compressed()],
  build: {
    target: ['chrome125', 'edge125', 'firefox128', 'safari18'],
    // The content security policy allows no data: fonts, and small files compress better in bulk.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: firstPageGroups() } } },
  },
  server: { proxy: { '^/(v1|openapi.json|docs|readyz|livez)': { target: kilnUrl } } },
});
