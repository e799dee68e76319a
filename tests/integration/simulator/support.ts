/**
 * Starts a simulator for one test, and talks to it. By default it answers at once and without a
 * quota.
 */
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished } from 'vitest';
import { buildSimulator, type SimulatorOptions } from '../../../apps/simulator/src/app.ts';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';

export type Face = 'azure' | 'azure-v1' | 'openai';

export interface GenerateOptions {
  face?: Face;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface LedgerView {
  reached: boolean;
  counters: Record<string, number | null>;
  entries: LedgerEntry[];
}

export interface ImagesAnswer {
  created: number;
  background: string;
  output_format: string;
  quality: string;
  size: string;
  data: { b64_json: string }[];
  usage: { total_tokens: number; input_tokens: number; output_tokens: number };
}

export interface TestSimulator {
  app: FastifyInstance;
  url: string;
  generate(body: unknown, options?: GenerateOptions): Promise<Response>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  ledger(query?: string): Promise<LedgerView>;
}

const paths: Record<Face, string> = {
  azure: '/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview',
  'azure-v1': '/openai/v1/images/generations',
  openai: '/v1/images/generations',
};

export async function startSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const app = await buildSimulator({
    rpm: 0,
    latencyMs: { min: 0, max: 0 },
    pictures: 'tiny',
    ...options,
  });
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const control = async (method: string, path: string, body?: unknown) => {
    const init =
      body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) };
    const response = await fetch(`${url}/_control${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  return {
    app,
    url,
    control,
    ledger: async (query = '') => (await control('GET', `/ledger${query}`)) as LedgerView,
    generate: (body, { face = 'openai', headers = {}, signal } = {}) =>
      fetch(url + paths[face], {
        method: 'POST',
        headers: {
          ...json,
          ...(face === 'azure' ? { 'api-key': 'key' } : { authorization: 'Bearer key' }),
          ...headers,
        },
        body: JSON.stringify(
          face === 'openai' || face === 'azure-v1'
            ? { model: 'gpt-image-2', ...(body as object) }
            : body,
        ),
        ...(signal && { signal }),
      }),
  };
}

export async function readImages(response: Response): Promise<ImagesAnswer> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as ImagesAnswer;
}

export async function readError(response: Response) {
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, ...error };
}

/** Returns the bytes of an answer's pictures. */
export function decodeImages({ data }: ImagesAnswer): Buffer[] {
  return data.map(({ b64_json }) => Buffer.from(b64_json, 'base64'));
}

const json = { 'content-type': 'application/json' };

/** Typed wrappers: Vitest's matchers have the type any. */
export const anyNumber: unknown = expect.any(Number);

export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function containing(properties: object): unknown {
  return expect.objectContaining(properties);
}
