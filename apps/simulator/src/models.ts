/** What each image model accepts, as the two providers document it (November 2026). */
import type { Format } from './pictures/encoder.ts';

export interface ModelRules {
  /** `fixed`: three sizes. Otherwise any size that follows the rules of `parameters/size.ts`. */
  sizes: 'fixed' | 'free';
  qualities: readonly string[];
  formats: { azure: readonly Format[]; openai: readonly Format[] };
  /** Allowed values of `input_fidelity`; empty when the model refuses the parameter. */
  fidelities: readonly string[];
  markup: boolean;
  /**
   * How output tokens are counted: by the published table, or by the formula with one factor per
   * quality (`tokens.ts`).
   */
  tokens: { kind: 'table' } | { kind: 'formula'; factors: Readonly<Record<string, number>> };
  /** How the tokens of a source picture are counted (`tokens.ts`). */
  sourceTokens: 'tiles' | 'patches';
  /** What Azure makes when a request has no `quality`. */
  azureQuality: 'medium' | 'high';
}

const three = ['low', 'medium', 'high', 'auto'];
const first: ModelRules = {
  sizes: 'fixed',
  qualities: three,
  formats: { azure: ['png', 'jpeg', 'webp'], openai: ['png', 'jpeg', 'webp'] },
  fidelities: ['low', 'high'],
  markup: false,
  tokens: { kind: 'table' },
  sourceTokens: 'tiles',
  azureQuality: 'high',
};
const later: ModelRules = {
  ...first,
  formats: { azure: ['png', 'jpeg'], openai: ['png', 'jpeg', 'webp'] },
};
const second: ModelRules = {
  ...later,
  sizes: 'free',
  fidelities: [],
  tokens: { kind: 'formula', factors: { low: 16, medium: 48, high: 96 } },
  sourceTokens: 'patches',
};
const half: ModelRules = {
  ...second,
  qualities: ['low', 'medium', 'high', 'xhigh', 'max', 'auto'],
  formats: { azure: ['png', 'jpeg'], openai: ['png', 'jpeg', 'webp', 'gif', 'svg'] },
  markup: true,
  // Inferred: this value fits every published measurement.
  tokens: { kind: 'formula', factors: { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 } },
};

const table: Readonly<Record<string, ModelRules>> = {
  'gpt-image-1': first,
  'gpt-image-1-mini': { ...later, fidelities: ['low'], azureQuality: 'medium' },
  'gpt-image-1.5': later,
  'gpt-image-2': second,
  'gpt-image-2.5-flare': half,
  'gpt-image-2.5-sunburst': half,
  'gpt-image-2.6-flare': half,
  'gpt-image-2.6-sunburst': half,
  'chatgpt-image-latest': later,
};

/**
 * Returns the rules of a model or of one of its dated snapshots; unknown names get the rules of
 * `gpt-image-2`.
 */
export function findModelRules(name: string): ModelRules {
  return table[name.toLowerCase().replace(/-\d{4}-\d{2}-\d{2}$/, '')] ?? second;
}
