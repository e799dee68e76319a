/** What each image model accepts, as the two providers document it (November 2026). */
import type { Format } from './pictures/encoder.ts';

export interface ModelRules {
  /** Three fixed sizes, or any that keeps the rules of `parameters/size.ts`. */
  sizes: 'fixed' | 'free';
  qualities: readonly string[];
  formats: { azure: readonly Format[]; openai: readonly Format[] };
  /** Values of `input_fidelity`; none where the parameter is refused. */
  fidelities: readonly string[];
  markup: boolean;
  /**
   * Output tokens: by the published table, or by the formula with one factor per quality
   * (`tokens.ts`).
   */
  tokens: { kind: 'table' } | { kind: 'formula'; factors: Readonly<Record<string, number>> };
}

const three = ['low', 'medium', 'high', 'auto'];
const first: ModelRules = {
  sizes: 'fixed',
  qualities: three,
  formats: { azure: ['png', 'jpeg', 'webp'], openai: ['png', 'jpeg', 'webp'] },
  fidelities: ['low', 'high'],
  markup: false,
  tokens: { kind: 'table' },
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
};
const half: ModelRules = {
  sizes: 'free',
  qualities: ['low', 'medium', 'high', 'xhigh', 'max', 'auto'],
  formats: { azure: ['png', 'jpeg'], openai: ['png', 'jpeg', 'webp', 'gif', 'svg'] },
  fidelities: [],
  markup: true,
  // Inferred: fits every published measurement.
  tokens: { kind: 'formula', factors: { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 } },
};

const table: Readonly<Record<string, ModelRules>> = {
  'gpt-image-1': first,
  'gpt-image-1-mini': { ...later, fidelities: ['low'] },
  'gpt-image-1.5': later,
  'gpt-image-2': second,
  'gpt-image-2.5-flare': half,
  'gpt-image-2.5-sunburst': half,
  'gpt-image-2.6-flare': half,
  'gpt-image-2.6-sunburst': half,
};

/**
 * The rules of a model or of a dated snapshot of one; `gpt-image-2`'s for a name that is not known.
 */
export function findModelRules(name: string): ModelRules {
  return table[name.toLowerCase().replace(/-\d{4}-\d{2}-\d{2}$/, '')] ?? second;
}
