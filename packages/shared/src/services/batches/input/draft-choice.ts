/**
 * Chooses how the rows of a batch are made as drafts: with the cheapest model and quality that are
 * served and take everything else that a row asks for. Rows with the same parameters get the same
 * choice. A row that only its own model takes keeps it.
 */
import type { LearntTokens } from '../../../models/cost/learnt-tokens.ts';
import { listModels } from '../../../models/model-table.ts';
import type { Routes } from '../../../models/routes.ts';
import { assessRequest, type ResolvedRequest, type SourceFacts } from '../../jobs/new-job.ts';

type Choice = Pick<ResolvedRequest, 'model' | 'quality'>;

/** Returns the request as a draft. */
export type DraftChooser = (
  request: ResolvedRequest,
  sources: readonly SourceFacts[],
) => ResolvedRequest;

/** A file has few combinations of parameters. More of them are not remembered. */
const maxRemembered = 500;

export function createDraftChooser(
  routes: Routes,
  today: Date,
  learnt: LearntTokens,
): DraftChooser {
  const chosen = new Map<string, Choice>();
  const candidates = listModels().filter(({ id }) => routes.serving(id).deployments.length > 0);

  function choose(request: ResolvedRequest, sources: readonly SourceFacts[]): Choice {
    let best: { choice: Choice; micros: number } | null = null;
    for (const { id, qualities } of candidates)
      for (const quality of qualities) {
        const choice = { model: id, quality };
        const facts = { sources, learnt };
        const assessed = assessRequest(routes, { ...request, ...choice }, today, facts);
        if (assessed.status === 'refused') continue;
        const { cost_estimated_micros: micros, warnings } = assessed.job;
        const isRetired = warnings.some(({ code }) => code === 'model_retired');
        if (micros === null || isRetired || (best !== null && micros >= best.micros)) continue;
        best = { choice, micros };
      }
    return best?.choice ?? {};
  }

  return (request, sources) => {
    const { prompt: _p, metadata: _m, images, mask, markup, ...parameters } = request;
    const pictures = images && {
      sources: sources.map(({ format, width, height }) => [format, width, height]),
      mask: mask !== undefined,
      markup: markup !== undefined,
    };
    const key = JSON.stringify([parameters, pictures]);
    const choice = chosen.get(key) ?? choose(request, sources);
    if (chosen.size < maxRemembered) chosen.set(key, choice);
    return { ...request, ...choice };
  };
}
