/**
 * The input of a batch as JSON without a file: a template with its values, or a list of prompts.
 * The shapes are checked here; `services/batches/templates/` checks the values against the
 * template.
 */
import { z } from 'zod';
import { batchOptionsSchema } from '../batch.ts';
import { textSchema } from '../text.ts';

/** A larger table is uploaded as a file. */
const maxRowsInJson = 10_000;

const name = textSchema(1, 200);
const promptText = textSchema(1, 32_000);
const value = z.union([textSchema(0, 65_536), z.number(), z.boolean(), z.null()], {
  error: 'takes a text of at most 65,536 characters, a number, true, false or null',
});

export type TemplateValue = z.infer<typeof value>;

/** The rows are written as UTF-8 with commas, so there is nothing to say about either. */
const optionsWithoutFile = batchOptionsSchema.omit({ encoding: true, delimiter: true });

export const templateRequestSchema = optionsWithoutFile
  .extend({
    template: promptText.meta({
      description:
        'A prompt with `{{variables}}`. `{{{{` stands for `{{`. Each row fills it with its values.',
    }),
    values: z
      .array(z.record(name, value))
      .min(1)
      .max(maxRowsInJson)
      .optional()
      .meta({
        description:
          'The rows: an object each, with a value for every variable. Other names are columns as ' +
          'in a CSV file: fields of a job such as `size`, otherwise metadata.',
      }),
    matrix: z
      .record(name, z.array(value).min(1).max(maxRowsInJson))
      .optional()
      .meta({
        description:
          'Instead of `values`: a list of values for each variable. Every combination is a row, ' +
          'and the last variable changes fastest.',
      }),
  })
  .meta({ id: 'BatchOfTemplate' });

export const promptsRequestSchema = optionsWithoutFile
  .omit({ column_map: true })
  .extend({
    prompts: z
      .array(promptText)
      .min(1)
      .max(maxRowsInJson)
      .meta({ description: 'A row for each prompt, sent as it is: `{{` has no meaning in it.' }),
  })
  .meta({ id: 'BatchOfPrompts' });

export type TemplateRequest = z.infer<typeof templateRequestSchema>;
