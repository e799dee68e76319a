/**
 * The model table: what each image model takes and costs, and when each provider retires it. Models
 * change every few months, so only `models.json` names them. The table is read at import; a mistake
 * in it stops the process.
 */
import type { outputFormats, qualities } from '../schemas/field-values.ts';
import { modelTableSchema, type FullModel, type InferableFact } from './model-table-schema.ts';
import tableJson from './models.json' with { type: 'json' };

export const providers = ['azure', 'openai'] as const;
export type Provider = (typeof providers)[number];
export type OutputFormat = (typeof outputFormats)[number];
export type Quality = (typeof qualities)[number];

/** `third-party`: the date is from a list that is not the provider's. */
export type RetirementDate = { date: string; source: 'provider' | 'third-party' };

export type ModelFacts = {
  id: string;
  aliases: readonly string[];
  /** `fixed`: only the sizes of `fixedSizes`. `free`: any size within the limits of `freeSizes`. */
  sizes: 'fixed' | 'free';
  qualities: readonly Quality[];
  formats: Record<Provider, readonly OutputFormat[]>;
  transparent: boolean | 'preview';
  /** Empty when the model does not take the field. */
  inputFidelity: readonly ('low' | 'high')[];
  markup: boolean;
  tokens:
    | { kind: 'table' }
    | {
        kind: 'formula';
        q: Partial<Record<Quality, number>>;
        source: 'published' | 'inferred';
      };
  /** How the tokens of a source picture are counted (`source-tokens.ts`). */
  sourceTokens: 'tiles' | 'patches';
  /** What Azure makes when a request has no `quality`; OpenAI chooses for each picture. */
  azureDefaultQuality: 'low' | 'medium' | 'high';
  usdPerMillion: {
    textIn: number;
    imageIn: number;
    out: number;
    /** Null when the model is not documented to answer with text. */
    textOut: number | null;
  };
  /** Facts that are documented for another model only. */
  inferred: readonly InferableFact[];
  /** The model they are documented for; null when nothing was inferred. */
  inferredFrom: string | null;
  /** Whether OpenAI's own Batch API takes the model; null when it is not known. */
  openaiBatch: boolean | null;
  retirement: Partial<Record<Provider, RetirementDate>>;
  /** Requests per minute of the default quota on Azure; null when it is not known. */
  azureDefaultRpm: number | null;
  azureConfirmed: boolean;
};

const table = modelTableSchema.parse(tableJson);

export const fixedSizes: readonly string[] = table.fixed_sizes;
export const freeSizes = table.free_sizes;
/** How source pictures are counted, until some have been billed (`source-tokens.ts`). */
export const sourceTokens = table.source_tokens;
/** What an author model is assumed to spend on one SVG document, until some have been billed. */
export const assumedSvgTokens = table.svg_tokens;
/** What OpenAI grants an organisation in a minute, from usage tier 1 on. */
export const openaiTiers = table.openai_tiers;
/** Output tokens of one image of a model whose `tokens.kind` is `table`. */
export const tokenTable = table.token_table;

function toFullModel(id: string): FullModel {
  const entry = table.models[id];
  if (!entry) throw new Error(`models.json: there is no model "${id}"`);
  if (!('same_as' in entry)) return entry;
  const { same_as: original, ...own } = entry;
  return { ...toFullModel(original), ...own };
}

function originalOf(id: string): string | null {
  const entry = table.models[id];
  return entry !== undefined && 'same_as' in entry ? entry.same_as : null;
}

function toFacts(id: string): ModelFacts {
  const full = toFullModel(id);
  const { openai, azure } = full.retirement;
  return {
    id,
    aliases: full.aliases,
    sizes: full.sizes,
    qualities: full.quality,
    formats: full.formats,
    transparent: full.transparent,
    inputFidelity: full.input_fidelity,
    markup: full.markup,
    tokens: full.tokens,
    sourceTokens: full.source_tokens,
    azureDefaultQuality: full.azure_default_quality,
    usdPerMillion: {
      textIn: full.usd_per_million.text_in,
      imageIn: full.usd_per_million.image_in,
      out: full.usd_per_million.out,
      textOut: full.usd_per_million.text_out ?? null,
    },
    inferred: full.inferred,
    inferredFrom: full.inferred.length > 0 ? originalOf(id) : null,
    openaiBatch: full.openai_batch,
    retirement: { ...(openai && { openai }), ...(azure && { azure }) },
    azureDefaultRpm: full.azure_default_rpm,
    azureConfirmed: full.azure_confirmed,
  };
}

const models: readonly ModelFacts[] = Object.keys(table.models).map(toFacts);
const modelsByName = new Map(
  models.flatMap((model) => [model.id, ...model.aliases].map((name) => [name, model] as const)),
);

export function listModels(): readonly ModelFacts[] {
  return models;
}

/** Finds a model by id or alias; null when the table does not have it. */
export function findModel(id: string): ModelFacts | null {
  return modelsByName.get(id) ?? null;
}

/** Prices of a model that writes SVG documents, in US dollars per million tokens. */
export type SvgAuthorPrice = { in: number; out: number };

const svgAuthors = new Map(
  Object.entries(table.svg_authors).flatMap(([id, { aliases, usd_per_million: price }]) =>
    [id, ...aliases].map((name) => [name, price] as const),
  ),
);

/** A dated snapshot costs what its model costs. Null when the table does not have the model. */
export function findSvgAuthor(name: string): SvgAuthorPrice | null {
  return svgAuthors.get(name) ?? svgAuthors.get(name.replace(/-\d{4}-\d{2}-\d{2}$/, '')) ?? null;
}

/** The dearest author, for estimates of requests that leave the author to the provider. */
export const dearestSvgAuthor: SvgAuthorPrice = [...svgAuthors.values()].reduce((one, other) =>
  other.out > one.out ? other : one,
);
