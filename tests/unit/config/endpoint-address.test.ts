/** Addresses of endpoints: nothing but a whole, known part of the path is ever cut. */
import { parseAzureAddress, parseOpenaiAddress } from '@kiln/shared/config/endpoint-address';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const segment = fc
  .stringMatching(/^[a-z0-9_~.-]{1,12}$/)
  .filter((text) => !['openai', 'v1', 'deployments', '.', '..'].includes(text));
const nearlyOpenai = segment.map((text) => `openai${text}`);
const path = fc.array(fc.oneof(segment, nearlyOpenai), { minLength: 1, maxLength: 5 });

test('a path without a known segment stays as it is', () => {
  fc.assert(
    fc.property(path, fc.nat(2), (segments, slashes) => {
      const address = `https://gateway.example:8443/${segments.join('/')}`;
      const given = `${address}${'/'.repeat(slashes)}`;
      expect(parseAzureAddress(given)).toMatchObject({ baseUrl: address, api: 'deployments' });
    }),
  );
});

test('an API below any path is found in the address of a deployment', () => {
  fc.assert(
    fc.property(path, segment, fc.boolean(), (segments, name, hasOpenai) => {
      const base = `https://gateway.example/${segments.join('/')}${hasOpenai ? '/openai' : ''}`;
      const request = `${base}/deployments/${name}/images/generations?api-version=1&code=2`;
      expect(parseAzureAddress(request)).toEqual({
        baseUrl: base,
        api: 'deployments',
        deployment: name,
        apiVersion: '1',
        query: { code: '2' },
      });
      expect(parseAzureAddress(`${base}/v1/images/edits`)).toMatchObject({
        baseUrl: `${base}/v1`,
        api: 'v1',
      });
      expect(parseOpenaiAddress(`${base}/images/generations?code=2`)).toEqual({
        baseUrl: base,
        query: { code: '2' },
      });
    }),
  );
});

test('a name that is badly encoded is taken as it is', () => {
  const address = 'https://gateway.example/openai/deployments/a%zz';
  expect(parseAzureAddress(address).deployment).toBe('a%zz');
});
