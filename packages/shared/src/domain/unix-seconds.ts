/** Times as the API shows them: whole seconds since 1970. */

export function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

export function toSecondsOrNull(date: Date | null): number | null {
  return date === null ? null : toSeconds(date);
}
