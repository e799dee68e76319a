/**
 * The model that a caller of OpenAI's images API means. Azure's clients name a deployment, in the
 * path or as the `model`; here that is the name of one in Kiln's configuration, the name Azure
 * knows it by, or a model.
 */
import type { Deployment } from '../../models/deployment.ts';
import { findModel } from '../../models/model-table.ts';
import { KilnError } from '../../errors.ts';

/**
 * `asked` is the body's `model`. One that names no deployment is a model: whether it is served is
 * checked with everything else.
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
 * Of a path that names a deployment. Throws `DeploymentNotFound`, as Azure does, also for what
 * might be a model that nobody knows: a typo must not cost money; and `unsupported_parameter` where
 * the body's `model` is another one.
 */
export function resolveDeploymentModel(
  deployments: readonly Deployment[],
  name: string,
  asked: string | undefined,
): string {
  const named = findNamed(deployments, name);
  const model = named === null ? servedModel(deployments, name) : named.model;
  // It serves whichever model is named.
  if (model === null) return resolveModel(deployments, asked) ?? named?.defaultModel ?? name;
  const said = [name, model, undefined]; // the same once more, or nothing
  if (!said.includes(asked) && resolveModel(deployments, asked) !== model) {
    const message = `model: received "${asked}", but the deployment "${name}" of the path serves ${model}; leave one of them out`;
    throw new KilnError('unsupported_parameter', message, { param: 'model' });
  }
  return model;
}

function findNamed(deployments: readonly Deployment[], name: string): Deployment | null {
  return (
    deployments.find((each) => each.name === name) ??
    deployments.find((each) => each.azure?.deployment === name) ??
    null
  );
}

function servedModel(deployments: readonly Deployment[], name: string): string {
  const isServed = deployments.some(
    ({ model }) => model === name || (model === null && findModel(name) !== null),
  );
  if (isServed) return name;
  const known = deployments.map((each) => each.name).join(', ');
  throw new KilnError(
    'DeploymentNotFound',
    `The API deployment for this resource does not exist: received "${name.slice(0, 100)}"; the path takes a deployment (${known}) or a model that one of them serves`,
    { param: 'deployment' },
  );
}
