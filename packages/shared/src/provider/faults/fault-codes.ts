/**
 * Kiln's codes for failures at the provider, with their meaning. `docs/errors.md` lists them; a
 * test compares the two.
 */
export const faultCodes = [
  {
    code: 'rate_limited',
    meaning:
      'The provider refused the call because the quota is used up or it is at capacity; the call is repeated, no attempt is spent.',
  },
  {
    code: 'provider_unavailable',
    meaning:
      'The provider was unavailable and said when to come back; the call is repeated, no attempt is spent.',
  },
  {
    code: 'connection_failed',
    meaning:
      'The provider could not be reached, and nothing of the request was executed; the call is repeated, no attempt is spent.',
  },
  {
    code: 'not_sendable',
    meaning:
      'The connection ended or time was up before all of the request was written, so nothing of it was executed; the call is repeated, and the job fails at the fifth time.',
  },
  {
    code: 'start_missed',
    meaning:
      'The database was slow or away, and the start was over before the call could be made; nothing was sent, and the call is made with the next start.',
  },
  {
    code: 'source_missing',
    meaning:
      'A picture that the edit needs was deleted, or its bytes are not in the object store; no call was made. Submit it anew with a picture that is there.',
  },
  {
    code: 'pool_paused_auth',
    meaning:
      'The provider, or a proxy on the way, refused the key or its permissions; the deployment rests, and one call then tries it.',
  },
  {
    code: 'pool_paused_blocked',
    meaning:
      'The provider has blocked the resource (not this prompt) for its content policy; the deployment rests, and one call then tries it.',
  },
  {
    code: 'pool_paused_deployment',
    meaning:
      'The deployment, model or address does not exist, or what is there takes no such request; the deployment rests, and one call then tries it.',
  },
  {
    code: 'pool_paused_billing',
    meaning:
      "The account's budget at the provider is used up; the deployment rests, and one call then tries it.",
  },
  {
    code: 'content_policy',
    meaning:
      'The content filter or moderation of the provider refused the prompt or the picture; never repeated by itself.',
  },
  {
    code: 'provider_rejected_parameters',
    meaning: 'The provider refused a parameter of the request; repeating it would not help.',
  },
  {
    code: 'provider_rejected_size',
    meaning: 'The provider found the request too large; repeating it would not help.',
  },
  {
    code: 'provider_timeout',
    meaning: 'No answer came in time; whether the call was executed and billed is unknown.',
  },
  {
    code: 'provider_error',
    meaning:
      'The provider answered with a server error; whether the call was executed and billed is unknown.',
  },
  {
    code: 'connection_lost',
    meaning:
      'The connection ended after the request was written; whether the call was executed and billed is unknown.',
  },
  {
    code: 'poison_job',
    meaning:
      'Three workers were lost with this job in their hands, which may be what they died of; it is not tried again by itself.',
  },
  {
    code: 'worker_lost',
    meaning:
      'The worker ended while the call was under way; whether the call was executed and billed is unknown.',
  },
  {
    code: 'unexpected_status',
    meaning:
      'The provider answered with a status Kiln has no rule for; whether the call was executed and billed is unknown.',
  },
  {
    code: 'unusable_answer',
    meaning:
      'The provider answered with success but without a usable picture; it may have been billed.',
  },
] as const;

export type FaultCode = (typeof faultCodes)[number]['code'];
