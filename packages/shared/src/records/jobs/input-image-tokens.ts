/**
 * What source pictures were billed for, by model and fidelity: a mean over the last few hundred
 * pictures.
 */
import { sql } from 'kysely';
import { meanKey, type Fidelity, type TokenMeans } from '../../models/input-image-tokens.ts';
import type { Database } from '../database/open-records.ts';

/**
 * The number of pictures in the mean. After this many pictures, a provider's new way of counting
 * has replaced the old one.
 */
const memory = 200;

/** One row for each model and fidelity: few. */
export async function readTokenMeans(db: Database): Promise<TokenMeans> {
  const rows = await db
    .selectFrom('kiln.input_image_tokens')
    .select(['model', 'fidelity', 'mean'])
    .execute();
  return new Map(rows.map(({ model, fidelity, mean }) => [meanKey(model, fidelity), mean]));
}

export async function countInputTokens(
  db: Database,
  model: string,
  fidelity: Fidelity,
  { pictures, tokens }: { pictures: number; tokens: number },
): Promise<void> {
  const perPicture = tokens / pictures;
  await sql`
    insert into kiln.input_image_tokens as known (model, fidelity, mean, pictures)
    values (${model}, ${fidelity}, ${perPicture}::float8, ${Math.min(pictures, memory)}::int)
    on conflict (model, fidelity) do update set
      mean = known.mean + (excluded.mean - known.mean) * excluded.pictures / least(known.pictures +
        excluded.pictures, ${memory}::int),
      pictures = least(known.pictures + excluded.pictures, ${memory}::int)`.execute(db);
}
