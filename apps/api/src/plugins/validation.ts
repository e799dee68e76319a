/**
 * Validates requests with the routes' zod schemas; an error names the field, the received value and
 * what is allowed.
 */
import { toRefusal } from '@kiln/shared/schemas/refusal';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema }) => {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return (input: unknown) => {
    const parsed = schema.safeParse(input);
    return parsed.success
      ? { value: parsed.data }
      : { error: toRefusal(parsed.error, input, known) };
  };
};
