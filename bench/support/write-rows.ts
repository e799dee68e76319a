/** Writes a CSV file of prompts of any length, without holding it in memory. */
import { open } from 'node:fs/promises';

export async function writeRows(
  path: string,
  rows: number,
  promptOf: (number: number) => string,
): Promise<void> {
  const file = await open(path, 'w');
  await file.write('custom_id,prompt,size,quality,output_format,season\r\n');
  for (let start = 0; start < rows; start += 5_000) {
    const lines = Array.from({ length: Math.min(5_000, rows - start) }, (_, index) => {
      const number = start + index;
      return `row-${number},"${promptOf(number)}",1536x1024,medium,jpeg,winter\r\n`;
    });
    await file.write(lines.join(''));
  }
  await file.close();
}
