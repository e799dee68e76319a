/**
 * `/openapi.json` is an OpenAPI 3.1 document of every route, and `/docs` is a page that shows it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';

interface Operation {
  tags?: string[];
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }>; required?: boolean };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
  security: Record<string, string[]>[];
}

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const response = await kiln.request('/openapi.json');
const document = (await response.json()) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}`,
    path,
    operation,
  })),
);

/**
 * Finds the routes as the sources register them; a route that is hidden from the document says so
 * in its schema.
 */
function readRoutes(): string[] {
  const folder = join(import.meta.dirname, '../../../../apps/api/src/routes');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(
        /\bapp\.(get|post|patch|put|delete)\(\s*'([^']+)'(?!.{0,80}hide: true)/gs,
      ),
    ])
    .map(
      ([, method = '', path = '']) =>
        `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
}

/** Collects every `$ref` below a value. */
function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : refsOf(member),
  );
}

describe('the document', () => {
  test('has a title and a version', () => {
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({
      title: 'Kiln',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown,
    });
  });

  test('has every route, and no other', () => {
    const routes = readRoutes();
    expect(routes).toContain('POST /v1/jobs');
    expect(routes).toContain('GET /v1/jobs/{id}/images/{index}');
    expect(
      operations
        .map(({ route }) => route)
        .filter((route) => !route.startsWith('HEAD '))
        .toSorted(),
    ).toEqual(routes.toSorted());
  });

  test('resolves every reference', () => {
    const refs = refsOf(document);
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) {
      expect(ref).toMatch(/^#\//);
      const found = ref
        .slice(2)
        .split('/')
        .reduce<unknown>(
          (value, name) => (value as Record<string, unknown> | undefined)?.[name],
          document,
        );
      expect(found, ref).toBeTypeOf('object');
    }
  });

  test('names the security schemes it asks for', () => {
    for (const scheme of document.security.flatMap((requirement) => Object.keys(requirement))) {
      expect(document.components.securitySchemes).toHaveProperty(scheme);
    }
  });

  test.each(operations)(
    '$route is described as the specification requires',
    ({ path, operation }) => {
      expect(operation.summary).toBeTruthy();
      const statuses = Object.keys(operation.responses);
      expect(statuses.length).toBeGreaterThan(0);
      for (const status of statuses) expect(status).toMatch(/^([1-5]\d\d|[1-5]XX|default)$/);
      for (const { description } of Object.values(operation.responses))
        expect(description).toBeTypeOf('string');

      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
      for (const parameter of declared) expect(parameter.required).toBe(true);
      for (const parameter of operation.parameters ?? [])
        expect(parameter.schema).toBeTypeOf('object');
    },
  );

  test('describes the fields of a job and allows no others', () => {
    const schema =
      document.paths['/v1/jobs']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(schema).toMatchObject({
      type: 'object',
      required: ['prompt'],
      additionalProperties: false,
      properties: {
        prompt: { type: 'string', minLength: 1, maxLength: 32_000 },
        n: { type: 'integer', minimum: 1, maximum: 10 },
        quality: { enum: ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] },
      },
    });
  });
});

test('an upload is described as a form', () => {
  const { content = {} } = document.paths['/v1/files']?.['post']?.requestBody ?? {};
  expect(Object.keys(content)).toEqual(['multipart/form-data']);
  expect(content['multipart/form-data']?.schema).toMatchObject({
    type: 'object',
    required: ['file', 'purpose'],
    additionalProperties: false,
    properties: {
      file: { type: 'string', format: 'binary' },
      purpose: { enum: ['batch', 'vision'] },
    },
  });
});

describe('/docs', () => {
  test('is a page', async () => {
    const page = await kiln.request('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
    expect(await page.text()).toMatch(/<title>/);
  });

  test('reads the same document', async () => {
    expect(await (await kiln.request('/docs/json')).json()).toEqual(document);
  });
});
