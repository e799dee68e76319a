/**
 * The words by which an error says whom it concerns: the content of one job, a model, the key, the
 * budget, or the resource. Names are normalised as `error-body.ts` does. Used by
 * `classify-fault.ts`.
 */
import type { ErrorBody } from './error-body.ts';

const moderationNames = [
  'contentfilter',
  'contentfiltered',
  'contentpolicyviolation',
  'contentpolicy',
  'contentsafety',
  'contentsafetyviolation',
  'moderationblocked',
  'responsibleaipolicyviolation',
  'usageguidelinesviolation',
  'safetyviolation',
];
const billingNames = [
  'insufficientquota',
  'billinghardlimitreached',
  'billingnotactive',
  'insufficientfunds',
  'insufficientcredits',
  'insufficientbalance',
  'paymentrequired',
];
const modelNames = ['modelnotfound', 'modelnotavailable', 'modelnotallowed', 'invalidmodel'];
const deploymentNames = ['deploymentnotfound', 'resourcenotfound', 'invalidresourcename'];
const keyNames = [
  'invalidapikey',
  'incorrectapikey',
  'invalidsubscriptionkey',
  'authenticationerror',
  'invalidauthentication',
  'accountdeactivated',
];

/** Up to so many characters of one sentence. The point of `gpt-image-2.5` ends none. */
const within = (characters: number) => String.raw`(?:[^.]|\.(?=\S)){0,${characters}}`;

/** An account is blocked, not a prompt, although the message mentions the content policy. */
const blockedResource = new RegExp(
  String.raw`\b(?:resource|subscription|account|organi[sz]ation|workspace|project|tenant)\b` +
    within(80) +
    String.raw`\b(?:blocked|suspended|disabled|deactivated|banned)\b`,
  'i',
);
const refusedContent = new RegExp(
  [
    String.raw`\bcontent[ _-]?(?:safety|polic(?:y|ies)|filter\w*|moderation)\b`,
    String.raw`\b(?:usage|community|safety) (?:guidelines?|polic(?:y|ies))\b`,
    String.raw`\bsafety (?:system|check|filter)|\bresponsible ?ai\b`,
    String.raw`\bprompt (?:was|is|has been) (?:blocked|filtered|flagged|refused|rejected)\b`,
  ].join('|'),
  'i',
);
const unverified = new RegExp(String.raw`\borgani[sz]ation\b${within(40)}\bverif`, 'i');
const aModel = /\bmodels?\b/i;
const noSuchModel = new RegExp(
  [
    String.raw`\bmodels?\b${within(100)}\bnot (?:exist|found|available|supported|deployed)\b`,
    String.raw`\bmodels?\b${within(100)}\b(?:no access|not have access)\b`,
    String.raw`\b(?:no such|unknown) model\b`,
  ].join('|'),
  'i',
);
const quota = /\b(?:call volume |request |bandwidth )?quota\b|\brate limit/i;

/** The answer is about the content of the request, whatever its status says. */
export function isAboutContent(status: number, { names, filter, message }: ErrorBody): boolean {
  if (isResourceBlocked(status, message)) return false;
  return (
    filter !== null ||
    has(names, moderationNames) ||
    // A bad parameter may be called `moderation`, so the text counts only for a refusal.
    ((status === 403 || status === 451) && refusedContent.test(message))
  );
}

export function isResourceBlocked(status: number, message: string): boolean {
  return (status === 401 || status === 403 || status === 451) && blockedResource.test(message);
}

export function isAboutBudget(status: number, { names }: ErrorBody): boolean {
  return status === 402 || has(names, billingNames);
}

export function isAboutKey(status: number, { names }: ErrorBody): boolean {
  return status === 401 || status === 407 || has(names, keyNames);
}

export function isAboutModel(status: number, { names, message }: ErrorBody): boolean {
  if (has(names, modelNames)) return true;
  if (status === 403) return unverified.test(message) || aModel.test(message);
  return status === 404 && !has(names, deploymentNames) && noSuchModel.test(message);
}

export function isAboutDeployment({ names }: ErrorBody): boolean {
  return has(names, deploymentNames);
}

/** Azure: the deployment's model cannot do what the request asks for. */
export function isOperationUnsupported({ names }: ErrorBody): boolean {
  return names.includes('operationnotsupported');
}

/** API Management reports a used-up quota with status 403. */
export function isAboutQuota({ message }: ErrorBody): boolean {
  return quota.test(message);
}

/** Azure refuses the form of an edit now and then, and takes the same form a moment later. */
export function isPassingRefusal(status: number, { names }: ErrorBody): boolean {
  return status === 400 && names.includes('unsupportedcontenttype');
}

const rateNames = ['ratelimitexceeded', 'toomanyrequests', 'ratelimiterror'];
const rateTypes = ['requests', 'tokens', 'images'];
const requestNames = ['invalidrequesterror', 'imagegenerationusererror', 'invalidrequest'];
const serverNames = [
  'servererror',
  'internalservererror',
  'internalerror',
  'upstreamerror',
  'apierror',
];

/**
 * The status that an error without one stands for: it came in a stream, or in an answer with status
 * 200. `fallback` is the status of an error without a known name.
 */
export function statusOfNames(error: ErrorBody, fallback: number): number {
  const { names, filter } = error;
  const written = names.find((name) => /^[45]\d\d$/.test(name));
  if (written !== undefined) return Number(written);
  if (has(names, [...rateNames, ...rateTypes])) return 429;
  if (has(names, keyNames)) return 401;
  if (has(names, deploymentNames) || has(names, modelNames)) return 404;
  if (
    filter !== null ||
    has(names, billingNames) ||
    has(names, moderationNames) ||
    has(names, requestNames)
  )
    return 400;
  if (has(names, ['timeout'])) return 408;
  return has(names, serverNames) ? 500 : fallback;
}

function has(names: readonly string[], known: readonly string[]): boolean {
  return names.some((name) => known.includes(name));
}
