/**
 * One entry of the table of request fields is all that a new parameter needs. The first half adds a
 * made-up one; the second half checks the real table.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { checkJobRequest } from '@kiln/shared/models/job-rules';
import { listModelFields } from '@kiln/shared/models/model-fields';
import { listModels } from '@kiln/shared/models/model-table';
import { buildEditForm } from '@kiln/shared/provider/edit-form';
import { buildParameters } from '@kiln/shared/provider/request-body';
import { readFormFields } from '@kiln/shared/schemas/form-fields';
import { nullableShapeOf, shapeOf, type RequestFields } from '@kiln/shared/schemas/request-field';
import { requestFields } from '@kiln/shared/schemas/request-fields';
import { readFieldText } from '@kiln/shared/schemas/read-field-text';
import { csvColumns, normaliseName, type CsvColumn } from '@kiln/shared/tabular/csv/column-names';
import { buildRowFields } from '@kiln/shared/tabular/rows/row-fields';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { brief, csv, readCsv, readJsonl } from '../tabular/table-rig.ts';

const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'openai',
  pool: 'openai',
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-1',
  baseUrl: '',
  apiKey: 'key',
  azure: null,
  stream: null,
};

describe('a new parameter with one entry', () => {
  const fields = {
    ...requestFields,
    seed: {
      schema: z.int().min(0).max(99).optional().meta({ description: 'Repeats a picture.' }),
      requests: ['job', 'row', 'generations', 'edits'],
      // The rule: only models of fixed sizes take it.
      models: ({ sizes }) => sizes === 'fixed',
      sentAs: 'parameter',
      text: 'number',
      csv: ['random_seed', '乱数'],
    },
  } as const satisfies RequestFields;
  const job = z.strictObject(shapeOf(fields, 'job'));
  const rows = buildRowFields(fields);
  const request = { prompt: 'a boat', seed: 7 };

  test('is read in JSON', () => {
    const parsed: { seed?: number | undefined } = job.parse(request);
    expect(parsed.seed).toBe(7);
    expect(job.safeParse({ ...request, seed: 100 }).success).toBe(false);
    expect(
      z.strictObject(nullableShapeOf(fields, 'edits')).parse({ prompt: 'a', seed: null }),
    ).toEqual({ prompt: 'a', seed: null });
  });

  test('is described in OpenAPI', () => {
    expect(z.toJSONSchema(job, { io: 'input' }).properties?.['seed']).toMatchObject({
      type: 'integer',
      maximum: 99,
      description: 'Repeats a picture.',
    });
  });

  test('is read in CSV, by its name or an alias, and never as metadata', async () => {
    for (const name of ['Random seed', '乱数']) {
      const content = csv(`prompt,${name}`, 'a,７', 'b,x', 'c,100');
      const { rows: read, problems } = await readCsv(content, { fields: rows });
      expect(read[0]?.request).toEqual({ prompt: 'a', seed: 7 });
      expect(brief(problems)).toEqual([`2 ${name} invalid_value`, `3 ${name} invalid_value`]);
    }
  });

  test('is read in the defaults of a batch and in JSONL', async () => {
    const line = (body: object) =>
      JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/images/generations', body });
    const read = await readJsonl(line(request), { fields: rows });
    expect(read.rows[0]).toMatchObject({ status: 'valid', request });
    const byDefault = await readJsonl(line({ prompt: 'a' }), {
      fields: rows,
      defaults: { seed: 9 },
    });
    expect(byDefault.rows[0]?.request).toEqual({ prompt: 'a', seed: 9 });
  });

  test('is read in a form', () => {
    const texts = new Map([
      ['prompt', 'a boat'],
      ['seed', '7'],
    ]);
    const input = readFormFields(texts, (name, text) => readFieldText(name, text, fields));
    expect(job.parse(input)).toEqual(request);
  });

  test('is sent to the provider, as JSON and in a form', async () => {
    const parameters = buildParameters(deployment, 'gpt-image-1', request, fields);
    expect(parameters).toEqual({ model: 'gpt-image-1', ...request });
    const image = { bytes: new Blob(['png']), contentType: 'image/png' as const };
    const form = buildEditForm(parameters, { images: [image], mask: null, markup: null });
    expect(await form.text()).toContain('name="seed"\r\n\r\n7\r\n');
  });

  test('may not be repeated in provider_options', () => {
    const repeated = { ...request, provider_options: { seed: 8 } };
    const target = { provider: 'openai', model: 'gpt-image-1', today: new Date(0) } as const;
    expect(checkJobRequest(repeated, target, fields).problems).toEqual([
      {
        param: 'provider_options.seed',
        message:
          'provider_options.seed: received a value, but Kiln checks and counts seed; set it as a ' +
          'field of the request instead',
      },
    ]);
  });

  test('is listed by GET /v1/models for exactly the models whose jobs may have it', () => {
    const today = new Date(0);
    for (const model of listModels()) {
      const { problems } = checkJobRequest(
        request,
        { provider: 'openai', model: model.id, today },
        fields,
      );
      const takes = model.sizes === 'fixed';
      expect(listModelFields(model, fields).includes('seed')).toBe(takes);
      expect(problems).toEqual(
        takes
          ? []
          : [
              {
                param: 'seed',
                message: `seed: received 7; ${model.id} does not take the field; leave it out`,
              },
            ],
      );
    }
  });
});

describe('an entry that would lose a field does not compile', () => {
  const complete = {
    schema: z.string().optional(),
    requests: ['job'],
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: null,
  } as const;

  test('that is an option of a job, where nothing would send it', () => {
    const option = { ...complete, models: null, sentAs: 'option' } as const;
    // @ts-expect-error only the images API turns fields into options
    const field = { style: option } satisfies RequestFields;
    expect(field).toBeDefined();
  });

  test('that is sent to every model, though GET /v1/models lists it for none', () => {
    // @ts-expect-error a parameter says which models take it
    const field = { style: { ...complete, models: null } } satisfies RequestFields;
    expect(field).toBeDefined();
  });

  test('without the models that take it, or without how it is sent', () => {
    const { models: _models, ...withoutModels } = complete;
    // @ts-expect-error `models` is missing
    const first = { style: withoutModels } satisfies RequestFields;
    const { sentAs: _sentAs, ...withoutSentAs } = complete;
    // @ts-expect-error `sentAs` is missing
    const second = { style: withoutSentAs } satisfies RequestFields;
    expect([first, second]).toHaveLength(2);
  });
});

describe('the table of request fields', () => {
  /** A cell of each CSV column, and where its value must be found in the row. */
  const cells: Readonly<Record<CsvColumn, [cell: string, row: object]>> = {
    prompt: ['a boat', { request: { prompt: 'a boat' } }],
    model: ['gpt-image-1', { request: { model: 'gpt-image-1' } }],
    n: ['2', { request: { n: 2 } }],
    size: ['auto', { request: { size: 'auto' } }],
    quality: ['low', { request: { quality: 'low' } }],
    background: ['opaque', { request: { background: 'opaque' } }],
    output_format: ['jpeg', { request: { output_format: 'jpeg' } }],
    output_compression: ['40', { request: { output_compression: 40 } }],
    moderation: ['low', { request: { moderation: 'low' } }],
    image: ['a.png|b.png', { references: { images: ['a.png', 'b.png'] } }],
    mask: ['m.png', { references: { mask: 'm.png' } }],
    composite: ['outside_mask', { request: { composite: 'outside_mask' } }],
    frame_count: ['4', { request: { frame_count: 4 } }],
    frame_duration_ms: ['90', { request: { frame_duration_ms: 90 } }],
    svg: ['"{""model"":""gpt-5.6-luna""}"', { request: { svg: { model: 'gpt-5.6-luna' } } }],
    custom_id: ['boat-1', { customId: 'boat-1' }],
    filename: ['boat', { filename: 'boat' }],
  };

  test.each(Object.entries(cells))('reads the CSV column %s', async (column, [cell, row]) => {
    const others = ['prompt', 'image'].filter((name) => name !== column);
    const content = csv([column, ...others].join(), [cell, ...others.map(() => 'x')].join());
    const { rows } = await readCsv(content);
    expect(rows[0]).toMatchObject(row);
  });

  test('has no other CSV column, and every column name once', () => {
    expect(csvColumns.names.toSorted()).toEqual(Object.keys(cells).toSorted());
    const names = Object.values(requestFields).flatMap(({ csv: names }) => names ?? []);
    expect(names).toEqual([...new Set(names.map(normaliseName))]);
  });

  test('decides what is sent: parameters, the model, and members of provider_options', () => {
    const request = {
      prompt: 'a boat',
      n: 1,
      user: 'u-1',
      images: [{ file_id: 'file-1' }],
      mask: { file_id: 'file-2' },
      provider_options: { tone: 'warm' },
    };
    expect(buildParameters(deployment, 'gpt-image-1', request)).toEqual({
      model: 'gpt-image-1',
      prompt: 'a boat',
      n: 1,
      user: 'u-1',
      tone: 'warm',
    });
  });

  test.each(Object.keys(requestFields))('keeps %s out of provider_options', (name) => {
    const field: RequestFields[string] = requestFields[name as keyof typeof requestFields];
    const target = { provider: 'openai', model: 'unknown-model', today: new Date(0) } as const;
    const spellings = [name, ` ${name} `, name.toUpperCase(), `${name}[]`, `${name}[x][y]`];
    for (const spelling of spellings) {
      const request = { prompt: 'a', provider_options: { [spelling]: 'other' } };
      const refused = checkJobRequest(request as never, target).problems.map(({ param }) => param);
      const expected = field.sentAs === 'option' ? [] : [`provider_options.${spelling}`];
      expect(refused).toEqual(expected);
    }
  });

  test('is documented in docs/api.md, field by field', () => {
    const document = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');
    const tables = [...document.matchAll(/^\| field \|.*\n\|[-| ]+\n((?:\|.*\n)+)/gm)].map(
      ([, rows = '']) =>
        rows.split('\n').flatMap((row) => row.split('|')[1]?.match(/(?<=`)\w+(?=`)/g) ?? []),
    );
    const documented = new Set(tables.flat());
    expect(Object.keys(requestFields).filter((name) => !documented.has(name))).toEqual([]);
    const jobTable = tables.find(([first]) => first === 'prompt') ?? [];
    expect(jobTable.toSorted()).toEqual(Object.keys(shapeOf(requestFields, 'job')).toSorted());
  });
});
