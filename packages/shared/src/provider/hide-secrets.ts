/**
 * Takes the secrets of a deployment out of what its endpoint said: some gateways repeat the key or
 * header that they refuse, and messages are stored, logged and shown.
 */
import type { Deployment } from '../models/deployment.ts';
import type { CallOutcome } from './call-outcome.ts';

/** Shorter values may be ordinary words, such as the name of a team. */
const minSecretLength = 12;

export function hideSecrets(
  { apiKey, headers, query }: Deployment,
  outcome: CallOutcome,
): CallOutcome {
  if (outcome.status !== 'fault') return outcome;
  const secrets = [apiKey ?? '', ...Object.values(headers), ...Object.values(query)]
    .flatMap((value) => [value, value.replace(/^(Bearer|Basic) /i, '')])
    // The target of a redirect has the parameters of the request.
    .flatMap((value) => [value, encodeURIComponent(value.toWellFormed())])
    .filter((value) => value.length >= minSecretLength);
  const message = secrets.reduce(
    (text, value) => text.replaceAll(value, '(hidden)'),
    outcome.fault.message,
  );
  return { ...outcome, fault: { ...outcome.fault, message } };
}
