/** One prompt a line, or blocks between lines of `---`. Empty ones are left out. */
export function splitPrompts(text: string): string[] {
  const blocks = text.split(/^---+[ \t]*\r?$/m);
  const parts = blocks.length > 1 ? blocks : text.split(/\r?\n/);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
