/**
 * Resolves the model that a caller of OpenAI's images API means. Azure's clients name a deployment,
 * in the path or as `model`. Here that is the name of a configured deployment, its name at Azure,
 * or a model.
 */
import type { Deployment } from '../../models/deployment.ts';
import { findModel } from '../../models/model-table.ts';
import { KilnError } from '../../errors.ts';
import { cutText } from '../../schemas/text.ts';

/**
 * `asked` is the body's `model`. A name that is no deployment is taken as a model; whether a
 * deployment serves it is checked with the other rules.
 */
export function resolveModel(
  deployments: readonly Deployment[],
  asked: string | undefined,
): string | undefined {
  if (asked === undefined) return undefined;
  const named = findNamed(deployments, asked);
  return named === null ? asked : (named.model ?? named.defaultModel);
}

/**
 * Resolves a path that names a deployment. Throws `DeploymentNotFound`, as Azure does, also for an
 * unknown model, because a typo must not cost money. Clients such as LibreChat name a model in the
 * body as well; throws `unsupported_parameter` when that is not the deployment's own.
 */
export function resolveDeploymentModel(
  deployments: readonly Deployment[],
  name: string,
  asked: string | undefined,
): string {
  const named = findNamed(deployments, name);
  const model = named === null ? servedModel(deployments, name) : named.model;
  // This deployment serves any model.
  if (model === null) return resolveModel(deployments, asked) ?? named?.defaultModel ?? name;
  if (asked !== undefined && !names(deployments, { asked, name, model })) {
    throw new KilnError(
      'unsupported_parameter',
      `model: received "${asked}", but the deployment "${name}" of the path serves ${model}; ` +
        'remove model',
      { param: 'model' },
    );
  }
  return model;
}

/** Whether the body's model repeats the name in the path, or names the deployment's model. */
function names(
  deployments: readonly Deployment[],
  { asked, name, model }: { asked: string; name: string; model: string },
): boolean {
  const own = toComparable(model);
  return (
    asked.toLowerCase() === name.toLowerCase() ||
    toComparable(asked) === own ||
    toComparable(resolveModel(deployments, asked) ?? asked) === own
  );
}

/** A model has aliases, such as its dated snapshot, and clients write it in either case. */
function toComparable(name: string): string {
  const lower = name.toLowerCase();
  return findModel(lower)?.id ?? lower;
}

function findNamed(deployments: readonly Deployment[], name: string): Deployment | null {
  return (
    deployments.find((each) => each.name === name) ??
    deployments.find((each) => (each.azure?.deployment ?? each.sentModel) === name) ??
    null
  );
}

function servedModel(deployments: readonly Deployment[], name: string): string {
  const served = deployments.find(
    ({ model }) => model !== null && toComparable(model) === toComparable(name),
  );
  if (served !== undefined) return served.model ?? name;
  if (findModel(name) !== null && deployments.some(({ model }) => model === null)) return name;
  const known = deployments.map((each) => each.name).join(', ');
  throw new KilnError(
    'DeploymentNotFound',
    `The API deployment for this resource does not exist: received "${cutText(name, 100)}"; ` +
      `the path takes a deployment (${known}) or a model that one of them serves`,
    { param: 'deployment' },
  );
}
