/**
 * Reads interfaces and unions out of the text of a declaration file. It knows as much TypeScript as
 * the generated types of the official SDK use: TypeScript 7 has no compiler API, and the text of
 * these files has had the same form for years. A declaration that is not found is an error, so a
 * file of another form is noticed.
 */

export interface Member {
  /** The literal texts of its type. */
  values: string[];
  /** The type also allows texts that are not listed. */
  isOpen: boolean;
}

export type Members = ReadonlyMap<string, Member>;

/** @param path namespaces and the interface in the last of them, such as `ImageEditParams.Svg` */
export function readInterface(text: string, path: string): Members {
  const names = path.split('.');
  const name = names.pop() ?? path;
  const scope = names.reduce(
    (body, namespace) => readBlock(body, 'namespace', namespace),
    withoutComments(text),
  );
  const members = splitStatements(readBlock(scope, 'interface', name)).map(readMember);
  return new Map(members);
}

/** The texts of `type <name> = 'a' | 'b';`. */
export function readUnion(text: string, name: string): string[] {
  const [, union] =
    new RegExp(`\\btype ${name} =([^;]*);`).exec(withoutComments(text)) ?? notFound('type', name);
  return readLiterals(union ?? '');
}

function readMember(statement: string): [string, Member] {
  const [, name, type] = /^["']?([\w$]+)["']?\??\s*:([\s\S]*)$/.exec(statement) ?? [];
  if (name === undefined || type === undefined)
    throw new Error(`the types have a member of an unknown form: ${statement.slice(0, 80)}`);
  const isOpen = /\bstring\b/.test(type.replaceAll(/(["'])[^"']*\1/g, ''));
  return [name, { values: readLiterals(type), isOpen }];
}

function readLiterals(type: string): string[] {
  return [...type.matchAll(/(["'])([^"']*)\1/g)].map(([, , literal = '']) => literal);
}

/** The text between the braces of a declaration, without what is declared in deeper blocks. */
function readBlock(text: string, kind: 'namespace' | 'interface', name: string): string {
  const start = new RegExp(`\\b${kind} ${name}\\b[^{]*{`).exec(text);
  if (start === null) return notFound(kind, name);
  const begin = start.index + start[0].length;
  let depth = 1;
  for (let at = begin; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return text.slice(begin, at);
  }
  return notFound(kind, name);
}

function splitStatements(body: string): string[] {
  let depth = 0;
  let statement = '';
  const statements: string[] = [];
  for (const character of body) {
    if ('{(['.includes(character)) depth += 1;
    if ('})]'.includes(character)) depth -= 1;
    if (character !== ';' || depth > 0) {
      statement += character;
      continue;
    }
    statements.push(statement.trim());
    statement = '';
  }
  return [...statements, statement.trim()].filter((each) => each !== '');
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[\s;{])\/\/.*$/gm, '$1');
}

function notFound(kind: string, name: string): never {
  throw new Error(`the types have no ${kind} ${name}`);
}
