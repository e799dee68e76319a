/** The model table as `GET /v1/models` answers it. */
import type { Deployment } from '../models/deployment.ts';
import { listModelFields } from '../models/model-fields.ts';
import {
  findModel,
  fixedSizes,
  freeSizes,
  listModels,
  type ModelFacts,
} from '../models/model-table.ts';
import { KilnError } from '../errors.ts';
import type { ModelView } from '../schemas/pool.ts';
import { cutText } from '../schemas/text.ts';

export function listModelViews(deployments: readonly Deployment[]): ModelView[] {
  return listModels().map((model) => toModel(model, deployments));
}

/** Finds a model by its id or an alias. Throws `model_not_found`. */
export function readModelView(deployments: readonly Deployment[], id: string): ModelView {
  const model = findModel(id);
  if (model === null) {
    throw new KilnError(
      'model_not_found',
      `model: received "${cutText(id, 128)}", which is not in the model table; GET /v1/models ` +
        'lists the models',
      {
        param: 'model',
      },
    );
  }
  return toModel(model, deployments);
}

function toModel(model: ModelFacts, deployments: readonly Deployment[]): ModelView {
  const names = [model.id, ...model.aliases];
  const serving = deployments.filter(
    ({ model: served }) => served === null || names.includes(served),
  );
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: 'openai',
    aliases: [...model.aliases],
    deployments: serving.map(({ name }) => name),
    providers: [...new Set(serving.map(({ provider }) => provider))],
    parameters: listModelFields(model),
    sizes:
      model.sizes === 'fixed'
        ? { kind: 'fixed', allowed: [...fixedSizes] }
        : {
            kind: 'free',
            edge_multiple: freeSizes.edge_multiple,
            max_ratio: freeSizes.max_ratio,
            max_edge: freeSizes.max_edge,
            min_pixels: freeSizes.min_pixels,
            max_pixels: freeSizes.max_pixels,
          },
    qualities: [...model.qualities],
    output_formats: { openai: [...model.formats.openai], azure: [...model.formats.azure] },
    input_fidelity: [...model.inputFidelity],
    transparent_background: model.transparent,
    usd_per_million_tokens: {
      text_in: model.usdPerMillion.textIn,
      image_in: model.usdPerMillion.imageIn,
      out: model.usdPerMillion.out,
    },
    retires: {
      openai: model.retirement.openai?.date ?? null,
      azure: model.retirement.azure?.date ?? null,
    },
    azure_default_rpm: model.azureDefaultRpm,
    azure_default_quality: model.azureDefaultQuality,
    openai_batch: model.openaiBatch,
    inferred: [...model.inferred],
  };
}
