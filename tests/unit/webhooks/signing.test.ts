import { buildSecret, signatureHeaders } from '@kiln/shared/webhooks/signing';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';

/** The test vector of the specification's own libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  message: {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

test("a message is signed as in the specification's test vector", () => {
  expect(signatureHeaders(vector.message, [vector.secret])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': vector.signature,
  });
});

test('each secret signs, the signatures are separated by a space', () => {
  const second = buildSecret();
  const headers = signatureHeaders(vector.message, [vector.secret, second]);
  const [first, other] = headers['webhook-signature'].split(' ');
  const { id, timestampSeconds, body } = vector.message;
  expect(first).toBe(vector.signature);
  expect(other).toBe(new Webhook(second).sign(id, new Date(timestampSeconds * 1_000), body));
});

test('a body beyond ASCII is signed as UTF-8', () => {
  const secret = buildSecret();
  const message = { id: 'evt_1', timestampSeconds: 1_700_000_000, body: '{"prompt":"朝霧"}' };
  expect(signatureHeaders(message, [secret])['webhook-signature']).toBe(
    new Webhook(secret).sign(message.id, new Date(message.timestampSeconds * 1_000), message.body),
  );
});

test('a secret is a prefix and 32 random bytes', () => {
  const [one, other] = [buildSecret(), buildSecret()];
  expect(one).not.toBe(other);
  expect(Buffer.from(one.replace(/^whsec_/, ''), 'base64')).toHaveLength(32);
});
