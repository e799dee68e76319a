/**
 * Compares the model table and the table of request fields with the types of the official SDK, in
 * both directions. Everything that the SDK has must be known here: a model, a parameter and its
 * values, a member of the answer. What is known and left out on purpose is listed with a reason.
 * What a description says in words (ranges, which model takes what) is not compared.
 */
import { fixedSizes, listModels } from '@kiln/shared/models/model-table';
import { svgEfforts } from '@kiln/shared/schemas/field-values';
import type { RequestFields } from '@kiln/shared/schemas/request-field';
import { requestFields } from '@kiln/shared/schemas/request-fields';
import { readInterface, readUnion, type Members } from './read-types.ts';

/** Models that OpenAI has retired, and that no version of Kiln supported. */
const ignoredModels = ['dall-e-2', 'dall-e-3'];
/** Parameters of the retired models. */
const ignoredParameters = ['style'];
/** Values of the retired models. */
const ignoredValues: Readonly<Record<string, readonly string[]>> = {
  quality: ['standard', 'hd'],
  size: ['256x256', '512x512', '1792x1024', '1024x1792'],
};

/** Parameters that have another name in the table of request fields. */
const fieldNames: Readonly<Record<string, string>> = { image: 'images' };

/** Members of objects that Kiln reads, or stores as they are. */
const answers: Readonly<Record<string, readonly string[]>> = {
  ImagesResponse: [
    'created',
    'background',
    'data',
    'output_format',
    'quality',
    'safety_identifier',
    'size',
    'svg_usage',
    'usage',
  ],
  Image: ['b64_json', 'revised_prompt', 'url'],
  'ImagesResponse.SvgUsage': [
    'input_tokens',
    'model',
    'output_tokens',
    'reasoning_tokens',
    'total_tokens',
  ],
  'ImagesResponse.Usage': [
    'input_tokens',
    'input_tokens_details',
    'output_tokens',
    'total_tokens',
    'output_tokens_details',
  ],
  'ImagesResponse.Usage.InputTokensDetails': ['image_tokens', 'text_tokens'],
  'ImagesResponse.Usage.OutputTokensDetails': ['image_tokens', 'text_tokens'],
};

/** A sentence for each difference; none when the tables know all that the types have. */
export function findDifferences(types: string): string[] {
  return [
    ...compareModels(readUnion(types, 'ImageModel')),
    ...compareParameters('generations', readInterface(types, 'ImageGenerateParamsBase')),
    ...compareParameters('edits', readInterface(types, 'ImageEditParamsBase')),
    ...['ImageGenerateParams', 'ImageEditParams'].flatMap((name) => compareSvg(types, name)),
    ...Object.entries(answers).flatMap(([name, known]) =>
      compareLists(`member of ${name}`, [...readInterface(types, name).keys()], known),
    ),
  ];
}

function compareModels(models: readonly string[]): string[] {
  const known = listModels().flatMap(({ id, aliases }) => [id, ...aliases]);
  return compareLists('model', models, [...known, ...ignoredModels]);
}

function compareParameters(request: 'generations' | 'edits', members: Members): string[] {
  const fields: RequestFields = requestFields;
  const given = [...members].filter(([name]) => !ignoredParameters.includes(name));
  const unknown = given.flatMap(([name, member]) => {
    const field = fields[fieldNames[name] ?? name];
    if (field === undefined || !field.requests.includes(request))
      return [`parameter "${name}" of ${request}: the table of request fields does not have it`];
    const known = valuesOf(name);
    if (known === null)
      return member.values.flatMap((value) =>
        field.schema.safeParse(value).success ? [] : [unknownValue(name, value, request)],
      );
    const allowed = [...known, ...(ignoredValues[name] ?? [])];
    return [
      ...member.values.flatMap((value) =>
        allowed.includes(value) ? [] : [unknownValue(name, value, request)],
      ),
      ...known.flatMap((value) =>
        member.isOpen || member.values.includes(value)
          ? []
          : [`value "${value}" of ${name}: the types of ${request} no longer have it`],
      ),
    ];
  });
  const sent = Object.entries(fields).flatMap(([name, { sentAs, requests }]) =>
    sentAs !== 'nothing' && requests.includes(request) ? [name] : [],
  );
  const names = given.map(([name]) => fieldNames[name] ?? name);
  const gone = sent.filter((name) => !names.includes(name) && !isOfOtherRequest(name, request));
  return [
    ...unknown,
    ...gone.map((name) => `parameter "${name}": the types of ${request} no longer have it`),
  ];
}

/** `moderation` is documented for generations, and edits pass it on. */
function isOfOtherRequest(name: string, request: 'generations' | 'edits'): boolean {
  return name === 'moderation' && request === 'edits';
}

function unknownValue(name: string, value: string, request: string): string {
  return `value "${value}" of ${name} in ${request}: no model of the table takes it`;
}

/** The values that some model of the table takes; null for a field that has none of its own. */
function valuesOf(name: string): readonly string[] | null {
  const models = listModels();
  const all = (lists: (readonly string[])[]) => [...new Set(lists.flat())];
  switch (name) {
    case 'size':
      return ['auto', ...fixedSizes];
    case 'quality':
      return all(models.map(({ qualities }) => qualities));
    case 'output_format':
      return all(models.map(({ formats }) => [...formats.openai, ...formats.azure]));
    case 'input_fidelity':
      return all(models.map(({ inputFidelity }) => inputFidelity));
    default:
      return null;
  }
}

function compareSvg(types: string, name: string): string[] {
  const efforts = readInterface(types, `${name}.Svg.Reasoning`).get('effort')?.values ?? [];
  return [
    ...compareLists(
      `member of ${name}.Svg`,
      [...readInterface(types, `${name}.Svg`).keys()],
      ['model', 'reasoning'],
    ),
    ...compareLists(`effort of ${name}.Svg`, efforts, svgEfforts),
  ];
}

function compareLists(what: string, given: readonly string[], known: readonly string[]): string[] {
  return [
    ...given
      .filter((name) => !known.includes(name))
      .map((name) => `${what} "${name}": the tables do not have it`),
    ...known
      .filter((name) => !given.includes(name))
      .map((name) => `${what} "${name}": the types no longer have it`),
  ];
}
