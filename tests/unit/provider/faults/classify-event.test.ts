/** Classification of `error` events by the shapes and names seen in streams. */
import { classifyEvent } from '@kiln/shared/provider/faults/classify-event';
import { describe, expect, test } from 'vitest';

const errors: [name: string, body: unknown, kind: string, code: string][] = [
  ['wrapped', { error: { code: 'server_error', message: 'no' } }, 'unknown', 'provider_error'],
  ['flat', { type: 'error', code: 'content_filter', message: 'no' }, 'rejected', 'content_policy'],
  [
    'moderation',
    { type: 'error', error: { code: 'moderation_blocked' } },
    'rejected',
    'content_policy',
  ],
  [
    'a parameter',
    { error: { type: 'invalid_request_error', param: 'size' } },
    'rejected',
    'provider_rejected_parameters',
  ],
  [
    'a mistake of the user',
    { error: { type: 'image_generation_user_error' } },
    'rejected',
    'provider_rejected_parameters',
  ],
  [
    'quota',
    { error: { code: 'rate_limit_exceeded', type: 'requests' } },
    'refused',
    'rate_limited',
  ],
  ['quota as a status', { error: { code: '429' } }, 'refused', 'rate_limited'],
  [
    'billing',
    { error: { code: 'billing_hard_limit_reached', type: 'image_generation_user_error' } },
    'refused',
    'pool_paused_billing',
  ],
  ['used up', { error: { code: 'insufficient_quota' } }, 'refused', 'pool_paused_billing'],
  ['a timeout', { error: { code: 'Timeout' } }, 'unknown', 'provider_timeout'],
  ['a name nobody knows', { error: { code: 'teapot' } }, 'unknown', 'provider_error'],
  ['no name at all', {}, 'unknown', 'provider_error'],
  ['no JSON', undefined, 'unknown', 'provider_error'],
];

describe('before any partial image', () => {
  test.each(errors)('%s', (_name, body, kind, code) => {
    expect(classifyEvent(body, false, 0)).toMatchObject({ class: kind, code });
  });
});

describe('after a partial image every error is an executed call', () => {
  test.each(errors)('%s', (_name, body, kind, code) => {
    expect(classifyEvent(body, true, 0)).toMatchObject(
      kind === 'refused' ? { class: 'unknown', code: 'provider_error' } : { class: kind, code },
    );
  });
});
