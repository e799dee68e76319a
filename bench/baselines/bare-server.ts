/**
 * The baseline of `bench/submit.ts`: a child process with a Fastify route that inserts one row with
 * a `pg` pool, and nothing else.
 */
import { randomUUIDv7 } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(
  `create table if not exists bare (id text primary key, body jsonb not null,
    created_at timestamptz not null default now())`,
);

const app = fastify();
app.post('/', async (request, reply) => {
  const id = randomUUIDv7();
  await pool.query('insert into bare (id, body) values ($1, $2)', [
    id,
    JSON.stringify(request.body),
  ]);
  return reply.code(202).send({ id });
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ type: 'ready', url });
process.once('disconnect', () => process.exit(0));
