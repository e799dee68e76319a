/**
 * Writes the types of an OpenAPI document. openapi-typescript needs the compiler API of TypeScript 5,
 * which this package has for it.
 */
import generate, { astToString, type OpenAPI3 } from 'openapi-typescript';

export async function generateTypes(document: object): Promise<string> {
  return astToString(await generate(document as OpenAPI3, { alphabetize: true }));
}
