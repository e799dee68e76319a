/**
 * What the visitor has entered. It survives a reload and a visit to another page. Values that do
 * not apply to the chosen model stay here, and are not sent (to-request.ts), so that changing the
 * model and back loses nothing.
 */
import { atom } from 'nanostores';
import { readStored, store } from '../../../app/stored.ts';
import type { JobEventType } from '../../../webhooks/event-sets.ts';
import type { JobRequest } from './types.ts';

type SvgEffort = NonNullable<NonNullable<NonNullable<JobRequest['svg']>['reasoning']>['effort']>;

export interface Draft {
  prompt: string;
  /** null: the default of the API. */
  model: string | null;
  /** `auto` or WIDTHxHEIGHT. */
  size: string;
  n: number;
  quality: NonNullable<JobRequest['quality']>;
  background: NonNullable<JobRequest['background']>;
  /** `auto`: the provider's, which is png. */
  format: NonNullable<JobRequest['output_format']> | 'auto';
  /** Per cent. */
  compression: number;
  frameCount: number;
  frameDurationMs: number;
  /** The model that writes an svg; empty: the provider's choice. */
  svgModel: string;
  svgEffort: 'auto' | SvgEffort;
  fidelity: 'auto' | NonNullable<JobRequest['input_fidelity']>;
  moderation: NonNullable<JobRequest['moderation']>;
  priority: NonNullable<JobRequest['priority']>;
  safetyIdentifier: string;
  user: string;
  webhookUrl: string;
  /** null: the API's choice, which is the end of the job, and that it needs a decision. */
  webhookEvents: readonly JobEventType[] | null;
  /** Pairs in their order; a pair without a name is not sent. */
  metadata: readonly (readonly [string, string])[];
  /** JSON, as it was typed. */
  providerOptions: string;
  /** Lay the first picture back outside the mask. */
  keepsRest: boolean;
}

export const emptyDraft: Draft = {
  prompt: '',
  model: null,
  size: 'auto',
  n: 1,
  quality: 'auto',
  background: 'auto',
  format: 'auto',
  compression: 100,
  frameCount: 9,
  frameDurationMs: 200,
  svgModel: '',
  svgEffort: 'auto',
  fidelity: 'auto',
  moderation: 'auto',
  priority: 'interactive',
  safetyIdentifier: '',
  user: '',
  webhookUrl: '',
  webhookEvents: null,
  metadata: [],
  providerOptions: '',
  keepsRest: true,
};

const key = 'kiln-draft';
const storeAfterMs = 400;

export const draft = atom<Draft>(readDraft());

export function change(part: Partial<Draft>): void {
  draft.set({ ...draft.get(), ...part });
}

function readDraft(): Draft {
  try {
    const stored: unknown = JSON.parse(readStored(key) ?? '{}');
    return { ...emptyDraft, ...(stored as Partial<Draft>) };
  } catch {
    return emptyDraft;
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;
draft.listen((value) => {
  clearTimeout(timer);
  timer = setTimeout(() => store(key, JSON.stringify(value)), storeAfterMs);
});
