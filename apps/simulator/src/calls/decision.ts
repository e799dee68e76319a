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
import { refuseOpenAiKey, refuseOpenAiQuota } from '../faces/openai.ts';
import type { PlannedFault } from '../faults/plan.ts';
import { isBody, isSet, readText } from '../parameters/body.ts';
import {
  checkParameters,
  type CheckedParameters,
  type GenerationParameters,
} from '../parameters/generation.ts';
import type { Problem } from '../parameters/problem.ts';
import type { Settings } from '../settings.ts';
import { readQuotaLimits, type Simulator } from '../simulator.ts';
import { isEdit, readPrompt, type Call } from './call.ts';

export type Decision =
  /** The gateway refuses the call, or a parameter is invalid. */
  | { status: 'answered'; answer: Answer; tookQuota: boolean }
  /** A fault that occurs before the request is looked at. */
  | { status: 'struck'; fault: PlannedFault }
  /** The model works on it; `remaining` starts are left in this minute. */
  | {
      status: 'accepted';
      parameters: GenerationParameters;
      fault: PlannedFault | null;
      ordinal: number;
      remaining: number;
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

  const taking = simulator.quota.take(
    chooseQuota(call, settings),
    call.receivedAt,
    readQuotaLimits(settings),
  );
  if (taking.status === 'refused') {
    const answer =
      call.face === 'openai'
        ? refuseOpenAiQuota(readModel(call) ?? 'gpt-image', { rpm: settings.rpm, ...taking })
        : refuseAzureQuota({ ...call, isEdit: isEdit(call) }, taking.waitMs);
    return { status: 'answered', answer, tookQuota: false };
  }
  simulator.ledger.noteStart(call.receivedAt);

  if (call.face === 'azure-deployment' && isBody(call.body) && isSet(call.body, 'model')) {
    return {
      status: 'answered',
      answer: refuseModelInBody(readModel(call) ?? ''),
      tookQuota: true,
    };
  }
  if (isEdit(call) && call.uploads === null)
    return { status: 'answered', answer: buildProblemAnswer(noForm), tookQuota: true };
  const checked = checkCall(call, settings);
  if (checked.status === 'invalid')
    return { status: 'answered', answer: buildProblemAnswer(checked.problem), tookQuota: true };
  const ordinal = simulator.ordinal;
  strike(fault, simulator);
  return {
    status: 'accepted',
    parameters: checked.parameters,
    fault,
    ordinal,
    remaining: taking.remaining,
  };
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
