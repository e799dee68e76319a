/**
 * Accepts an edit: reads its pictures, checks the rules, and only then keeps the pictures as files
 * and stores the job.
 */
import type { StreamableJobRequest } from '../../schemas/job-request.ts';
import { defaultJobEvents } from '../../schemas/webhook.ts';
import { hashOf } from '../idempotency.ts';
import { acceptJob, findAnswer, offerMadeBefore, type Offered } from './accept-job.ts';
import { buildJob } from './new-job.ts';
import { resolveSources } from '../edits/resolve-sources.ts';
import { requireDraft } from '../edits/find-drafts.ts';
import {
  discardSources,
  hashesOf,
  saveSources,
  listReceived,
  type NewSource,
  type ReceivedSources,
} from '../edits/source-files.ts';
import { acceptWebhook } from '../webhooks/request-webhooks.ts';
import type { Caller } from '../caller.ts';
import type { JobDeps, Submission } from './job-deps.ts';

/**
 * Throws like `submitJob`, and for invalid pictures. Pictures that came with the request
 * (`received` from a form, or inside the request) are files once this resolves with a new job;
 * otherwise none of them is kept.
 */
export async function submitEdit(
  deps: JobDeps,
  caller: Caller,
  request: StreamableJobRequest,
  key: string | null,
  {
    received = null,
    identity = request,
  }: {
    received?: ReceivedSources | null;
    /** What two requests with the same key have in common, besides the pictures of a form. */
    identity?: object;
  } = {},
): Promise<Submission | Offered> {
  const { projectId } = caller;
  const fresh: NewSource[] = received === null ? [] : listReceived(received);
  // Hash only when there is a key, because the body may have many megabytes.
  const requestHash =
    key === null
      ? ''
      : hashOf(received === null ? identity : { ...identity, received: hashesByRole(received) });
  let isOurs = false;
  try {
    // A repetition gets its answer even when its files are gone. No answer means that the key is
    // free or in use by another request.
    const used = await findAnswer(deps.db, caller, key, requestHash);
    if (used !== null) return used;

    const sources = await resolveSources(deps, projectId, request, received);
    fresh.push(...sources.fresh);
    const { images, mask, markup } = sources;
    const webhook = await acceptWebhook(deps, caller, request, defaultJobEvents);
    await requireDraft(deps.db, projectId, request.derived_from);
    const {
      images: _images,
      mask: _mask,
      markup: _markup,
      derived_from: draft,
      dedupe: asked,
      webhook_url: _url,
      webhook_events: _events,
      ...plain
    } = request;
    const resolved = {
      ...plain,
      ...(images.length > 0 && { images: images.map(({ id }) => ({ file_id: id })) }),
      ...(mask !== null && { mask: { file_id: mask.id } }),
      ...(markup !== null && { markup: { file_id: markup.id } }),
    };
    const facts = {
      sources: images.map(({ picture }) => picture),
      hashes: hashesOf(sources),
      learnt: await deps.tokenMemory.read(),
    };
    const built = buildJob(deps, caller, resolved, facts);
    const dedupe = asked ?? deps.config.dedupe;
    const row = {
      ...built,
      webhook,
      derived_from: draft ?? null,
      dedupe: dedupe === 'off' ? null : dedupe,
    };
    const offer = dedupe === 'offer' ? await offerMadeBefore(deps, caller, row) : null;
    if (offer !== null) return offer;
    await saveSources(deps, projectId, fresh, false);
    const submission = await acceptJob(deps, caller, row, { key, requestHash, dedupe });
    isOurs = submission.status === 'created';
    return submission;
  } finally {
    if (!isOurs) await discardSources(deps, projectId, fresh);
  }
}

/** Hashes by role: the same picture as a mask is a different request. */
function hashesByRole({ images, mask, markup }: ReceivedSources) {
  return {
    images: images.map(({ sha256 }) => sha256),
    mask: mask?.sha256 ?? null,
    markup: markup?.sha256 ?? null,
  };
}
