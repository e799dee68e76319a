/**
 * Unicode normalisation of texts of strangers. Sorting a run of combining marks takes time in
 * proportion to the square of its length: half a million of them stop a process for minutes. Names
 * and values that Kiln compares are short, so a long text, which cannot be one of them, stays as it
 * is.
 */

/** No language writes as many marks on a letter. */
const longestRun = /\p{M}{100}/u;

/** UTF-16 units; a name of 255 bytes may have that many when it is written in another form. */
const longestText = 1_000;

/** Takes at most about a millisecond. */
export function normaliseText(text: string, form: 'NFC' | 'NFKC'): string {
  return text.length > longestText ? text : text.normalize(form);
}

/** Composes a text of any length (NFC). One with a very long run of marks stays as it is. */
export function composeText(text: string): string {
  return longestRun.test(text) ? text : text.normalize('NFC');
}
