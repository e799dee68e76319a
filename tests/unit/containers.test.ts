/** Rules of the image and the compose file that need no engine; see `npm run test:containers`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the image installs the packages of every part of the workspace', () => {
  const dockerfile = read('Dockerfile');
  const parts = globSync('{apps,packages}/*/package.json', { cwd: root });
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.filter((path) => !dockerfile.includes(`COPY ${path} `))).toEqual([]);
});

test('every service of the compose file is hardened', () => {
  const services = (read('docker-compose.yml').split(/^services:$/m)[1] ?? '')
    .split(/^volumes:$/m)[0]
    ?.split(/^ {2}(?=[a-z0-9-]+:$)/m)
    .slice(1)
    .filter((service) => !/^ {4}<<: \*(?:hardened|kiln)$/m.test(service));
  expect(services).toEqual([]);
});
