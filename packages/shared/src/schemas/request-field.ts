/**
 * What the table of request fields (`request-fields.ts`) says about each field, and the shapes that
 * the request schemas derive from it.
 */
import { z } from 'zod';

/**
 * The requests a field may be part of: the body of `POST /v1/jobs`, a row of a batch's file, and
 * the bodies of `POST /v1/images/generations` and `POST /v1/images/edits`.
 */
export type RequestKind = 'job' | 'row' | 'generations' | 'edits';

/** The facts of `models/model-table.ts` that decide which fields a model takes. */
export interface ModelAbilities {
  sizes: 'fixed' | 'free';
  /** Empty when the model does not take `input_fidelity`. */
  inputFidelity: readonly string[];
  markup: boolean;
  formats: { openai: readonly string[]; azure: readonly string[] };
}

interface FieldFacts {
  /**
   * Validates the field and describes it in `/openapi.json`. Optional unless every request needs
   * the field.
   */
  schema: z.ZodType;
  /** The requests that may have the field. */
  requests: readonly RequestKind[];
}

/**
 * How the provider receives the field.
 *
 *   parameter  under its own name
 *   file       as files of the form
 *   option     inside `provider_options`, unchecked: the field is newer than the model table
 *   nothing    not at all
 *
 * `provider_options` may hold the names of options only (`models/provider-option-rules.ts`).
 * `models` says which models take a parameter or a file. `GET /v1/models` lists the field for these
 * models, and a job for another model is refused.
 */
type FieldUse =
  | { sentAs: 'parameter' | 'file'; models: 'all' | ((model: ModelAbilities) => boolean) }
  // Only OpenAI's images API turns fields into options (`services/image-requests/read-request.ts`).
  | { sentAs: 'option'; models: null; requests: readonly ('generations' | 'edits')[] }
  | { sentAs: 'nothing'; models: null };

/**
 * How a form part or a CSV cell writes the field, and the names of its CSV column: first the name
 * in our documentation, then aliases in the form of `normaliseName`
 * (`tabular/csv/column-names.ts`).
 */
type FieldText =
  | { text: 'text' | 'size' | 'number' | 'boolean' | 'json'; sentAs: NoFile; csv: CsvNames | null }
  /** `formNames`: what a form may call the files. */
  | { text: 'file'; sentAs: 'file'; csv: CsvNames | null; formNames: readonly string[] };

type NoFile = 'parameter' | 'option' | 'nothing';

type CsvNames = readonly [string, ...string[]];

export type RequestField = FieldFacts & FieldUse & FieldText;
export type RequestFields = Readonly<Record<string, RequestField>>;

/** The zod shape of the fields that a kind of request has. */
export type ShapeOf<Fields extends RequestFields, Kind extends RequestKind> = {
  -readonly [
    Name in keyof Fields as Kind extends Fields[Name]['requests'][number] ? Name : never
  ]: Fields[Name]['schema'];
};

/** The same for OpenAI's API, whose clients send null for an optional field that they leave out. */
export type NullableShapeOf<Fields extends RequestFields, Kind extends RequestKind> = {
  [Name in keyof ShapeOf<Fields, Kind>]: ShapeOf<Fields, Kind>[Name] extends z.ZodOptional
    ? z.ZodNullable<ShapeOf<Fields, Kind>[Name]>
    : ShapeOf<Fields, Kind>[Name];
};

export function shapeOf<const Fields extends RequestFields, Kind extends RequestKind>(
  fields: Fields,
  kind: Kind,
): ShapeOf<Fields, Kind> {
  return Object.fromEntries(
    namesOf(fields, ({ requests }) => requests.includes(kind)).map((name) => [
      name,
      fields[name]?.schema,
    ]),
  ) as ShapeOf<Fields, Kind>;
}

export function nullableShapeOf<const Fields extends RequestFields, Kind extends RequestKind>(
  fields: Fields,
  kind: Kind,
): NullableShapeOf<Fields, Kind> {
  const shape: Record<string, z.ZodType> = shapeOf(fields, kind);
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      schema instanceof z.ZodOptional ? schema.nullable() : schema,
    ]),
  ) as NullableShapeOf<Fields, Kind>;
}

/** The names of the fields that `matches` accepts, in the order of the table. */
export function namesOf<const Fields extends RequestFields>(
  fields: Fields,
  matches: (field: RequestField, name: string) => boolean,
): (keyof Fields & string)[] {
  return Object.keys(fields).filter((name) => {
    const field = fields[name];
    return field !== undefined && matches(field, name);
  });
}
