/**
 * Kiln's codes for failures at the provider, with their meaning. `docs/errors.md` lists them; a
 * test compares the two.
 */
export const faultCodes = [
  {
    code: 'rate_limited',
    meaning:
      'The provider refused the call because the quota is used up or it is at capacity; the ' +
      'call is repeated without spending an attempt.',
  },
  {
    code: 'provider_unavailable',
    meaning:
      'The provider was unavailable and said how long to wait; the call is repeated without ' +
      'spending an attempt.',
  },
  {
    code: 'connection_failed',
    meaning:
      'The provider could not be reached, so nothing of the request was executed; the call is ' +
      'repeated without spending an attempt.',
  },
  {
    code: 'not_sendable',
    meaning:
      'The connection ended or time ran out before the request was written completely, so ' +
      'nothing of it was executed; the call is repeated, and the job fails at the fifth time.',
  },
  {
    code: 'start_missed',
    meaning:
      'The database was slow or down, so the granted start had passed before the call could be ' +
      'made; nothing was sent, and the call is made with the next start.',
  },
  {
    code: 'source_missing',
    meaning:
      'A picture that the edit needs was deleted, or its bytes are missing in the object ' +
      'store; no call was made. Submit the job again with an existing picture.',
  },
  {
    code: 'pool_paused_auth',
    meaning:
      'The provider or a proxy refused the key or its permissions; the deployment pauses, and ' +
      'one call then tests it.',
  },
  {
    code: 'pool_paused_blocked',
    meaning:
      'The provider has blocked the resource (not this prompt) because of its content policy; ' +
      'the deployment pauses, and one call then tests it.',
  },
  {
    code: 'pool_paused_deployment',
    meaning:
      'The deployment, model or address does not exist or does not accept such requests; the ' +
      'deployment pauses, and one call then tests it.',
  },
  {
    code: 'pool_paused_billing',
    meaning:
      "The account's budget at the provider is used up; the deployment pauses, and one call " +
      'then tests it.',
  },
  {
    code: 'model_paused',
    meaning:
      'The provider does not know the model, or the account may not use it; the model pauses ' +
      'at this deployment, other models go on, and one call then tests it.',
  },
  {
    code: 'pool_paused_answers',
    meaning:
      'The deployment answered three times in a row with success but without a usable image; the ' +
      'deployment pauses, and one call then tests it.',
  },
  {
    code: 'provider_refused',
    meaning:
      'The provider refused the calls of this job and answered those of others, so the job ' +
      'itself is the cause; the message has its words.',
  },
  {
    code: 'content_policy',
    meaning:
      'The content filter or moderation of the provider refused the prompt or the image; the ' +
      'job is never repeated automatically.',
  },
  {
    code: 'provider_rejected_parameters',
    meaning: 'The provider refused a parameter of the request; repeating it would not help.',
  },
  {
    code: 'provider_rejected_size',
    meaning: 'The provider rejected the request as too large; repeating it would not help.',
  },
  {
    code: 'provider_timeout',
    meaning: 'No answer arrived in time; it is unknown whether the call was executed and billed.',
  },
  {
    code: 'provider_error',
    meaning:
      'The provider answered with a server error; it is unknown whether the call was executed ' +
      'and billed.',
  },
  {
    code: 'connection_lost',
    meaning:
      'The connection ended after the request was written; it is unknown whether the call was ' +
      'executed and billed.',
  },
  {
    code: 'cancelled_by_force',
    meaning:
      'The job was cancelled by force during the call; it is unknown whether the call was ' +
      'executed and billed.',
  },
  {
    code: 'run_failed',
    meaning:
      'Five runs of this job ended with an error in Kiln, for instance because its result ' +
      'could not be recorded; what its calls may have cost is counted, and the job is not ' +
      'retried automatically.',
  },
  {
    code: 'poison_job',
    meaning:
      'Three workers died while they ran this job, which may have caused it; the job is not ' +
      'retried automatically.',
  },
  {
    code: 'worker_lost',
    meaning:
      'The worker ended during the call; it is unknown whether the call was executed and billed.',
  },
  {
    code: 'unexpected_status',
    meaning:
      'The provider answered with a status that Kiln has no rule for; it is unknown whether ' +
      'the call was executed and billed.',
  },
  {
    code: 'unusable_answer',
    meaning:
      'The provider answered with success but without a usable image; the call may have been ' +
      'billed.',
  },
  {
    code: 'answered_with_address',
    meaning:
      'The provider answered with the address of the picture instead of base64, and Kiln may ' +
      'not fetch it, or could not; the call is not repeated. Set response_format or ' +
      'image_hosts of the deployment.',
  },
] as const;

export type FaultCode = (typeof faultCodes)[number]['code'];
