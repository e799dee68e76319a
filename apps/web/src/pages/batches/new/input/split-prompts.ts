/** One prompt a line, or blocks between lines of `---`. Empty ones are left out. */
export function splitPrompts(text: string): string[] {
  const separator = /^---+[ \t]*\r?$/m;
  const parts = separator.test(text) ? text.split(/^---+[ \t]*\r?$/m) : text.split(/\r?\n/);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
