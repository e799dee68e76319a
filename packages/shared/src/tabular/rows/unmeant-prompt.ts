/**
 * Recognises prompts that no caller meant: what a spreadsheet or a program leaves in a cell that it
 * could not fill, the line of totals, a formula, and text that an earlier conversion has damaged.
 * Each would be sent, and paid for, as it stands.
 */
import { quote } from '../problems/row-problem.ts';
import { decodeBytes, preferenceFor } from '../text/judge-encoding.ts';

/** Errors of Excel, LibreOffice and Google Sheets, in the languages that translate them. */
const spreadsheetError =
  /^#[¡¿]?(?:REF|BEZUG|RIF|NAME|NOM|NOME|NOMBRE|VALUE|WERT|VALEUR|VALOR|VALORE|NUM|ZAHL|DIV\/0|NULL|NUL|NULO|NULLO|SPILL|ÜBERLAUF|CALC|KALK|FIELD|FELD|BLOCKED|CONNECT|ERROR|GETTING_DATA)[!?]?$|^#(?:N\/A|NV|N\/D|N\/DISP|#+)$|^Err:\d{3}$/;
const emptyValue = /^(?:-?nan|<na>|nat|none|null|undefined|n\/a|\\N|\[object Object\])$/i;
const total =
  /^(?:(?:grand |sub)?totals?|sum|(?:zwischen|gesamt)?summe|gesamt|total général|totale|suma|итого|всего|合計|総計|小計|合计|总计|總計|합계|총계):?$/iu;
const formula = /^=(?:"|@?[A-Z][A-Z.]*\(|\$?[A-Z]{1,3}\$?\d+(?:$|[-+*/&:]))/i;
/** The first two bytes of a character in UTF-8, as Windows-1252 or Latin-1 shows them. */
const converted =
  /[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/;
/** Longer prompts are none of these, unless they are damaged or formulas. */
const longestValue = 24;

/** Returns what is wrong, as the end of a sentence about the prompt; undefined for a prompt. */
export function describeUnmeant(prompt: string): string | undefined {
  const text = prompt.trim();
  if (text.length <= longestValue) {
    if (spreadsheetError.test(text))
      return 'an error of the spreadsheet; mend its formula, and export the table again';
    if (emptyValue.test(text)) return 'which programs write into an empty cell; write a prompt';
    if (total.test(text)) return 'which looks like the line of totals; delete the row';
  }
  if (text.startsWith('=') && formula.test(text))
    return 'a formula; export the table with the values of its formulas';
  if (text.includes('\ufffd'))
    return (
      'with U+FFFD, which stands for a character that was lost when the text was converted; ' +
      'export the table again, as UTF-8'
    );
  if (/^[\s?]*\?{3}[\s?]*$/.test(text))
    return (
      'whose characters were replaced by question marks when it was converted; export the table ' +
      'again, as UTF-8'
    );
  const meant = converted.test(prompt) ? undoConversion(prompt) : undefined;
  return meant === undefined
    ? undefined
    : `which is UTF-8 that was read as another encoding: ${quote(meant)} was meant. Export the ` +
        'table again, as UTF-8';
}

let bytesOfCharacters: ReadonlyMap<string, number> | undefined;

/** The bytes of the characters of Windows-1252 and Latin-1 above ASCII. */
function byteOf(character: string): number | undefined {
  bytesOfCharacters ??= new Map(
    Array.from({ length: 0x80 }, (_, index) => index + 0x80).flatMap((byte) => [
      [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte] as const,
      [String.fromCharCode(byte), byte] as const,
    ]),
  );
  return character < '\u0080' ? character.charCodeAt(0) : bytesOfCharacters.get(character);
}

/**
 * The words that were meant, if UTF-8 was decoded as Windows-1252 (`MÃ¤dchen`): every word with
 * other characters than ASCII is UTF-8 again when it is encoded, and reads better then.
 */
function undoConversion(text: string): string | undefined {
  const words = text.split(/[\t\n\r ]+/).filter((word) => /[\u0080-\uffff]/.test(word));
  const meant: string[] = [];
  for (const word of words) {
    const bytes = Array.from(word, byteOf);
    if (bytes.includes(undefined)) return undefined;
    const decoded = decodeBytes('utf-8', Uint8Array.from(bytes as number[]));
    if (decoded === undefined) return undefined;
    meant.push(decoded);
  }
  return preferenceFor(meant.join(' '), words.join(' ')) >= clearPreference
    ? meant.join(' ')
    : undefined;
}

/** The logarithm of how much more probable the meant words have to be. */
const clearPreference = 7;
