/** A refused parameter, in the provider's wording. */
export interface Problem {
  message: string;
  param: string | null;
  code: string;
}

export function unknownParameter(param: string): Problem {
  return { message: `Unknown parameter: '${param}'.`, param, code: 'unknown_parameter' };
}

export function missingParameter(param: string): Problem {
  return {
    message: `Missing required parameter: '${param}'.`,
    param,
    code: 'missing_required_parameter',
  };
}

export function wrongType(param: string, expected: string, received: unknown): Problem {
  const message =
    `Invalid type for '${param}': expected ${expected}, but got` +
    ` ${describe(received)} instead.`;
  return { message, param, code: 'invalid_type' };
}

export function unsupportedValue(
  param: string,
  received: string,
  supported: readonly string[],
): Problem {
  const quoted = supported.map((value) => `'${value}'`);
  const list =
    quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  return {
    message: `Invalid value: '${received}'. Supported values are: ${list}.`,
    param,
    code: 'invalid_value',
  };
}

export function invalidValue(param: string, message: string): Problem {
  return { message, param, code: 'invalid_value' };
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
