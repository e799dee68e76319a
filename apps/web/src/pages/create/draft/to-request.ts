/** From what was entered to a request of the API, and from a job back. */
import { isSameChoice, jobEventTypes, usualJobEvents } from '../../../webhooks/event-sets.ts';
import { emptyDraft, type Draft } from './draft.ts';
import { formatOf, takesField } from './rules.ts';
import type { ImageModel, Job, JobRequest } from './types.ts';

export interface Inputs {
  draft: Draft;
  model: ImageModel | null;
  /** Ids of the files of the pictures, in their order. */
  pictures: readonly string[];
  mask: string | null;
  markup: string | null;
}

export type BuiltRequest =
  | { status: 'ready'; request: JobRequest }
  /**
   * `provider_options` is no JSON object; `message` is the browser's, null for JSON of another
   * kind.
   */
  | { status: 'unreadable-options'; message: string | null };

/** Leaves out what says nothing, and what does not apply to the format and the pictures. */
export function buildRequest({ draft, model, pictures, mask, markup }: Inputs): BuiltRequest {
  const options = readOptions(draft.providerOptions);
  if (options.status !== 'read') return options;
  const format = formatOf(draft);
  const metadata = draft.metadata.filter(([name]) => name !== '');
  const isEdit = pictures.length > 0;
  const quality =
    model === null || model.qualities.includes(draft.quality) ? draft.quality : 'auto';
  const takesFidelity = model === null || model.input_fidelity.length > 0;
  const request: JobRequest = {
    prompt: draft.prompt,
    ...(draft.model === null ? {} : { model: draft.model }),
    ...(draft.size === 'auto' ? {} : { size: draft.size }),
    ...(draft.n === 1 || format === 'svg' ? {} : { n: draft.n }),
    ...(quality === 'auto' ? {} : { quality }),
    ...(draft.background === 'auto' ? {} : { background: draft.background }),
    ...(draft.format === 'auto' ? {} : { output_format: draft.format }),
    ...((format === 'jpeg' || format === 'webp') && draft.compression < 100
      ? { output_compression: draft.compression }
      : {}),
    ...(format === 'gif'
      ? { frame_count: draft.frameCount, frame_duration_ms: draft.frameDurationMs }
      : {}),
    ...(format === 'svg' && draft.svgModel !== '' ? { svg: svgOf(draft) } : {}),
    ...(draft.moderation === 'auto' ? {} : { moderation: draft.moderation }),
    ...(draft.safetyIdentifier === '' ? {} : { safety_identifier: draft.safetyIdentifier }),
    ...(draft.user === '' ? {} : { user: draft.user }),
    ...(draft.priority === 'interactive' ? {} : { priority: draft.priority }),
    ...(draft.webhookUrl === '' ? {} : webhookOf(draft)),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    ...(options.value === null ? {} : { provider_options: options.value }),
  };
  if (isEdit) {
    request.images = pictures.map((fileId) => ({ file_id: fileId }));
    if (draft.fidelity !== 'auto' && takesFidelity) request.input_fidelity = draft.fidelity;
    if (mask !== null && format !== 'gif') {
      request.mask = { file_id: mask };
      if (draft.keepsRest) request.composite = 'outside_mask';
    } else if (markup !== null && takesField(model, 'markup')) {
      request.markup = { file_id: markup };
    }
  }
  return { status: 'ready', request };
}

function webhookOf({ webhookUrl: url, webhookEvents: events }: Draft): Partial<JobRequest> {
  return events === null ? { webhook_url: url } : { webhook_url: url, webhook_events: [...events] };
}

function svgOf({ svgModel: model, svgEffort: effort }: Draft): NonNullable<JobRequest['svg']> {
  return effort === 'auto' ? { model } : { model, reasoning: { effort } };
}

type ReadOptions =
  | { status: 'read'; value: Record<string, unknown> | null }
  | { status: 'unreadable-options'; message: string | null };

function readOptions(text: string): ReadOptions {
  if (text.trim() === '') return { status: 'read', value: null };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { status: 'read', value: value as Record<string, unknown> };
    return { status: 'unreadable-options', message: null };
  } catch (error) {
    return { status: 'unreadable-options', message: error instanceof Error ? error.message : '' };
  }
}

/** The draft that would make the same job again; its pictures are files (pictures/). */
export function draftOfJob({ request, model, priority, metadata, ...job }: Job): Draft {
  const events = job.webhook_events;
  return {
    ...emptyDraft,
    prompt: request.prompt,
    model,
    size: request.size ?? 'auto',
    n: request.n ?? 1,
    quality: request.quality ?? 'auto',
    background: request.background ?? 'auto',
    format: request.output_format ?? 'auto',
    compression: request.output_compression ?? 100,
    frameCount: request.frame_count ?? emptyDraft.frameCount,
    frameDurationMs: request.frame_duration_ms ?? emptyDraft.frameDurationMs,
    svgModel: request.svg?.model ?? '',
    svgEffort: request.svg?.reasoning?.effort ?? 'auto',
    fidelity: request.input_fidelity ?? 'auto',
    moderation: request.moderation ?? 'auto',
    priority,
    safetyIdentifier: request.safety_identifier ?? '',
    user: request.user ?? '',
    webhookUrl: job.webhook_url ?? '',
    webhookEvents:
      events === null || isSameChoice(events, usualJobEvents)
        ? null
        : jobEventTypes.filter((type) => events.includes(type)),
    metadata: Object.entries(metadata),
    providerOptions:
      request.provider_options === undefined
        ? ''
        : JSON.stringify(request.provider_options, null, 2),
    keepsRest: request.mask === undefined || request.composite !== undefined,
  };
}
