/**
 * Decides how a call is answered, in one synchronous step, so that concurrent calls cannot share a
 * start of the quota. The order is that of the real gateways: key, URL, deployment; faults before
 * the model; quota; parameters; faults of the model. Doing the work is up to `work.ts`.
 */
import { buildProblemAnswer, type Answer } from '../faces/answer.ts';
import {
  refuseAzureKey,
  refuseAzurePath,
  refuseAzureQuota,
  refuseDeployment,
  refuseModelInBody,
} from '../faces/azure.ts';
import {
  refuseOpenAiKey,
  refuseOpenAiMeter,
  refuseOpenAiQuota,
  toDuration,
} from '../faces/openai.ts';
import type { PlannedFault } from '../faults/plan.ts';
import { isBody, isSet, readText } from '../parameters/body.ts';
import {
  checkParameters,
  type CheckedParameters,
  type GenerationParameters,
} from '../parameters/generation.ts';
import type { Problem } from '../parameters/problem.ts';
import type { Settings } from '../settings.ts';
import { readMeterLimits, readQuotaLimits, type Simulator } from '../simulator.ts';
import type { Weight } from '../tokens.ts';
import { countUsage } from './count-usage.ts';
import { isEdit, readPrompt, type Call } from './call.ts';

export type Decision =
  /** The gateway refuses the call, or a parameter is invalid. */
  | { status: 'answered'; answer: Answer; tookQuota: boolean }
  /** A fault that occurs before the request is looked at. */
  | { status: 'struck'; fault: PlannedFault }
  /** The model works on it. `limitHeaders` say what remains of the quota. */
  | {
      status: 'accepted';
      parameters: GenerationParameters;
      fault: PlannedFault | null;
      ordinal: number;
      limitHeaders: Record<string, string>;
    };

export function decideCall(call: Call, simulator: Simulator): Decision {
  const { settings } = simulator;
  const refusal = refuseAtDoor(call, settings);
  if (refusal !== null) return { status: 'answered', answer: refusal, tookQuota: false };

  const fault = lookForFault(readPrompt(call), simulator);
  if (fault?.fault.strikes === 'door') {
    strike(fault, simulator);
    return { status: 'struck', fault };
  }

  const quota = chooseQuota(call, settings);
  const isForm = !isEdit(call) || call.uploads !== null;
  const checked = isForm ? checkCall(call, settings) : null;
  // A call that is refused for its parameters makes no picture.
  const weight = checked?.status === 'valid' ? weighCall(checked.parameters) : nothing;
  const limits = readMeterLimits(settings);
  const exceeded = simulator.meters.check(quota, call.receivedAt, limits, weight);
  if (exceeded !== null) {
    const answer =
      call.face === 'openai'
        ? refuseOpenAiMeter(readModel(call) ?? 'gpt-image', exceeded)
        : refuseAzureQuota({ ...call, isEdit: isEdit(call) }, exceeded.waitMs);
    return { status: 'answered', answer, tookQuota: false };
  }
  const arrival = { earliest: call.arrivedAfter, at: call.receivedAt };
  const taking = simulator.quota.take(quota, arrival, readQuotaLimits(settings));
  if (taking.status === 'refused') {
    const answer =
      call.face === 'openai'
        ? refuseOpenAiQuota(readModel(call) ?? 'gpt-image', { rpm: settings.rpm, ...taking })
        : refuseAzureQuota({ ...call, isEdit: isEdit(call) }, taking.waitMs);
    return { status: 'answered', answer, tookQuota: false };
  }
  simulator.meters.take(quota, arrival.earliest, weight);
  simulator.ledger.noteStart(arrival, weight);

  if (call.face === 'azure-deployment' && isBody(call.body) && isSet(call.body, 'model')) {
    return {
      status: 'answered',
      answer: refuseModelInBody(readModel(call) ?? ''),
      tookQuota: true,
    };
  }
  if (checked === null)
    return { status: 'answered', answer: buildProblemAnswer(noForm), tookQuota: true };
  if (checked.status === 'invalid')
    return { status: 'answered', answer: buildProblemAnswer(checked.problem), tookQuota: true };
  const ordinal = simulator.ordinal;
  strike(fault, simulator);
  return {
    status: 'accepted',
    parameters: checked.parameters,
    fault,
    ordinal,
    limitHeaders: buildLimitHeaders(call, quota, taking.remaining, simulator),
  };
}

const nothing: Weight = { images: 0, tokens: 0 };

function weighCall(parameters: GenerationParameters): Weight {
  return { images: parameters.n, tokens: countUsage(parameters).total_tokens };
}

/** OpenAI writes times as durations, Azure as seconds. */
function buildLimitHeaders(
  call: Call,
  quota: string,
  remaining: number,
  { settings, meters }: Simulator,
): Record<string, string> {
  const { rpm, minuteMs } = settings;
  const requests = rpm === 0 ? {} : { requests: { limit: rpm, remaining, resetMs: minuteMs } };
  const states = { ...requests, ...meters.read(quota, call.receivedAt, readMeterLimits(settings)) };
  const toTime =
    call.face === 'openai' ? toDuration : (ms: number) => String(Math.ceil(ms / 1_000));
  return Object.fromEntries(
    Object.entries(states).flatMap(([meter, state]) => [
      [`x-ratelimit-limit-${meter}`, String(state.limit)],
      [`x-ratelimit-remaining-${meter}`, String(state.remaining)],
      [`x-ratelimit-reset-${meter}`, toTime(Math.ceil(state.resetMs))],
    ]),
  );
}

export function lookForFault(
  prompt: string | null,
  { plan, ordinal, settings }: Simulator,
): PlannedFault | null {
  return plan.look(prompt, ordinal, {
    seed: settings.seed,
    rates: settings.faultRates,
    paid: settings.faultPaid,
  });
}

/** Consumes the planned fault, if any, and advances the number from which chance is drawn. */
export function strike(fault: PlannedFault | null, simulator: Simulator): void {
  fault?.strike();
  simulator.ordinal += 1;
}

function refuseAtDoor(call: Call, { key, deployments }: Settings): Answer | null {
  const isWrongKey = call.key === null || (key !== null && call.key !== key);
  if (isWrongKey) return call.face === 'openai' ? refuseOpenAiKey(call.key) : refuseAzureKey();
  if (call.face === 'openai') return null;
  if (call.face === 'azure-deployment' && call.apiVersion === null) return refuseAzurePath();
  const name = chooseDeployment(call);
  return deployments !== null && name !== null && !Object.hasOwn(deployments, name)
    ? refuseDeployment()
    : null;
}

const noForm: Problem = {
  message: "Unsupported content type. This API method only accepts 'multipart/form-data' requests.",
  param: null,
  code: 'unsupported_content_type',
};

function checkCall(call: Call, settings: Settings): CheckedParameters {
  const provider = call.face === 'openai' ? 'openai' : 'azure';
  const name = chooseDeployment(call);
  const served =
    name === null
      ? null
      : (settings.deployments?.[name] ?? (call.face === 'azure-deployment' ? name : null));
  return checkParameters(call.body, call.uploads, provider, served);
}

function chooseQuota(call: Call, { quotaBy }: Settings): string {
  return quotaBy === 'all' ? '' : (chooseDeployment(call) ?? readModel(call) ?? '');
}

/** On Azure's `/openai/v1` path the body's `model` names the deployment. */
function chooseDeployment(call: Call): string | null {
  return call.deployment ?? (call.face === 'azure-v1' ? readModel(call) : null);
}

function readModel({ body }: Call): string | null {
  return readText(body, 'model', null);
}
