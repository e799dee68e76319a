/** Objects in a query string, whose members are written as `metadata[order]=17`. */
import type { FastifyRequest } from 'fastify';

/** A hook before validation: collects the members of the field `name` into one object. */
export function liftMembers(name: string) {
  return async (request: FastifyRequest): Promise<void> => {
    const fields = Object.entries(request.query as Record<string, unknown>);
    const isMember = (field: string) => field.startsWith(`${name}[`) && field.endsWith(']');
    const members = fields
      .filter(([field]) => isMember(field))
      .map(([field, value]) => [field.slice(name.length + 1, -1), value] as const);
    if (members.length === 0) return;
    const others = fields.filter(([field]) => !isMember(field));
    request.query = { ...Object.fromEntries(others), [name]: Object.fromEntries(members) };
  };
}
