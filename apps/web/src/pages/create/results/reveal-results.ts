/** Brings the results into sight where they stand below the form. */
export const resultsId = 'create-results';

/** On a wide screen they stand beside the form, and nothing moves. */
const isBelow = '(width < 64rem)';

export function revealResults(): void {
  if (!matchMedia(isBelow).matches) return;
  document.getElementById(resultsId)?.scrollIntoView({ block: 'start', behavior: 'smooth' });
}
