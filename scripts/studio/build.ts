/** `npm run studio`: builds the studio when its sources have changed since the last build. */
import { buildStudio } from './build-studio.ts';

try {
  await buildStudio((sentence) => console.log(sentence));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
