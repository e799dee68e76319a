/** What an estimate rests on, from the firmest to the weakest ground. */
export type EstimateBasis =
  /** The mean of what this many calls were billed. */
  | { kind: 'learnt'; calls: number }
  /** A figure or formula that the provider has published for the model. */
  | { kind: 'published' }
  /** A figure that fits measurements or another model, or a value assumed for an open field. */
  | { kind: 'inferred' };

/** An estimate of several parts is as firm as its weakest one. */
export function weakestOf(bases: readonly EstimateBasis[]): EstimateBasis {
  const learnt = bases.flatMap((basis) => (basis.kind === 'learnt' ? [basis.calls] : []));
  if (bases.some(({ kind }) => kind === 'inferred')) return { kind: 'inferred' };
  if (learnt.length > 0) return { kind: 'learnt', calls: Math.min(...learnt) };
  return { kind: 'published' };
}

/** Returns `published`, `inferred` or `learnt from 214 calls`, as the API shows it. */
export function formatBasis(basis: EstimateBasis): string {
  if (basis.kind !== 'learnt') return basis.kind;
  return `learnt from ${basis.calls} ${basis.calls === 1 ? 'call' : 'calls'}`;
}
