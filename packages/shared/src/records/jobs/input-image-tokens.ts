/**
 * What source pictures have been billed for, per model and fidelity: a mean that runs over the last
 * few hundred of them.
 */
import { sql } from 'kysely';
import { meanKey, type Fidelity, type TokenMeans } from '../../models/input-image-tokens.ts';
import type { Database } from '../database/open-records.ts';

/** A provider that begins to count otherwise is followed within so many pictures. */
const memory = 200;

/** A row per model and fidelity: few. */
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
