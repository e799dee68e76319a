import type { components } from '@kiln/client/openapi';
import { useTexts } from '../texts/i18n.ts';
import { callOutcomeTexts } from './texts.ts';

type Outcome = components['schemas']['ImageJobAttempt']['status'];

/** What became of a call, in the visitor's language; each outcome fits after *Call 2:*. */
export function useCallOutcomes(): Readonly<Record<Outcome, string>> {
  const t = useTexts(callOutcomeTexts);
  return {
    in_flight: t.in_flight,
    succeeded: t.succeeded,
    refused: t.refused,
    rejected: t.rejected,
    unusable: t.unusable,
    unknown: t.unknown,
  };
}
