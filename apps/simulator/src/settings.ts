/**
 * The simulator's settings. The environment sets them at start, and `PATCH /_control/settings` at
 * any time. This file parses and checks both forms and reports every mistake with its field. What
 * the settings do is implemented where they are read.
 */
import { faults } from './faults/catalogue.ts';
import { usualSlices } from './quota.ts';

export interface Settings {
  /** Requests per minute; 0: no limit. */
  rpm: number;
  /** Images and tokens per minute; 0: no limit. */
  ipm: number;
  tpm: number;
  quotaBy: 'all' | 'deployment';
  /** Length of the provider's minute in milliseconds; scales every window of the quota. */
  minuteMs: number;
  quotaToleranceMs: number;
  /** Into how many slices the minute is divided for each check of the quota. */
  quotaSlices: readonly number[];
  /** Latency of answers in milliseconds, evenly distributed. */
  latencyMs: { min: number; max: number };
  /** A call that is not streamed and takes longer than this is cut; 0: never. */
  wallMs: number;
  /** Holds every answer until `POST /_control/release`. */
  gate: boolean;
  seed: number;
  /** The only valid key; null accepts any key that is not empty. */
  key: string | null;
  /** Deployment names and the models they serve; null accepts any name. */
  deployments: Readonly<Record<string, string>> | null;
  /**
   * `tiny`: one cached 64x64 picture in the requested format, for tests that measure the client
   * rather than the simulator.
   */
  pictures: 'full' | 'tiny';
  faultRates: Readonly<Record<string, number>>;
  faultPaid: Readonly<Record<string, boolean>>;
}

export const defaultSettings: Settings = {
  rpm: 6,
  ipm: 0,
  tpm: 0,
  quotaBy: 'all',
  minuteMs: 60_000,
  quotaToleranceMs: 20,
  quotaSlices: usualSlices,
  latencyMs: { min: 2000, max: 6000 },
  wallMs: 0,
  gate: false,
  seed: 1,
  key: null,
  deployments: null,
  pictures: 'full',
  faultRates: {},
  faultPaid: {},
};

/** Ten minutes, which is longer than any client waits. */
const longestLatencyMs = 600_000;

/** Carries every mistake of a set of settings, each naming its field. */
export class SettingsError extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join(' '));
    this.name = 'SettingsError';
    this.mistakes = mistakes;
  }
}

type Parsers = { readonly [Key in keyof Settings]: (value: unknown) => Settings[Key] };

const parsers: Parsers = {
  rpm: (value) => parseNumber(value, 0, 1_000_000, true),
  ipm: (value) => parseNumber(value, 0, 1_000_000, true),
  tpm: (value) => parseNumber(value, 0, 1_000_000_000, true),
  quotaBy: (value) => parseChoice(value, ['all', 'deployment']),
  minuteMs: (value) => parseNumber(value, 1, 86_400_000),
  quotaToleranceMs: (value) => parseNumber(value, 0, 60_000),
  quotaSlices: parseSlices,
  latencyMs: parseLatency,
  wallMs: (value) => parseNumber(value, 0, longestLatencyMs),
  gate: parseBoolean,
  seed: (value) => parseNumber(value, 0, Number.MAX_SAFE_INTEGER, true),
  key: (value) => (value === null ? null : parseText(value)),
  deployments: (value) => (value === null ? null : parseMap(value, parseText)),
  pictures: (value) => parseChoice(value, ['full', 'tiny']),
  faultRates: (value) => parseRates(value),
  faultPaid: (value) => parseFaultMap(value, parseBoolean),
};

/**
 * Parses `input` as it is sent, in snake case; fields it does not name keep their value from
 * `base`.
 */
export function parseSettings(input: unknown, base: Settings): Settings {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new SettingsError(['The settings must be a JSON object.']);
  const mistakes: string[] = [];
  const changed: Partial<Settings> = {};
  for (const [name, value] of Object.entries(input)) {
    const key = Object.keys(parsers).find((candidate) => toWireName(candidate) === name) as
      | keyof Settings
      | undefined;
    if (key === undefined)
      mistakes.push(
        `${name}: unknown setting; known are ${Object.keys(parsers).map(toWireName).join(', ')}.`,
      );
    else {
      try {
        Object.assign(changed, { [key]: parsers[key](value) });
      } catch (error) {
        mistakes.push(
          `${name}: ${error instanceof Error ? error.message : String(error)}, but got ` +
            `${JSON.stringify(value)}.`,
        );
      }
    }
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return { ...base, ...changed };
}

export function toWireSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [toWireName(key), value]),
  );
}

function toWireName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function parseNumber(value: unknown, min: number, max: number, isWhole = false): number {
  const kind = isWhole ? 'a whole number' : 'a number';
  if (
    typeof value !== 'number' ||
    !(value >= min && value <= max) ||
    (isWhole && !Number.isInteger(value))
  ) {
    throw new Error(`must be ${kind} from ${min} to ${max}`);
  }
  return value;
}

function parseSlices(value: unknown): number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 10)
    throw new Error('must be a list of 1 to 10 numbers');
  return value.map((parts) => parseNumber(parts, 1, 60, true));
}

function parseChoice<const T extends string>(value: unknown, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
  return choice;
}

function parseBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('must be true or false');
  return value;
}

function parseText(value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new Error('must be a text that is not empty');
  return value;
}

/** Parses `2500`, `"2000-6000"` or `{"min": 2000, "max": 6000}`, in milliseconds. */
function parseLatency(value: unknown): Settings['latencyMs'] {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(String(value)) ?? [];
  const wire =
    typeof value === 'object' && value !== null
      ? (value as { min?: unknown; max?: unknown })
      : null;
  const min = parseNumber(wire === null ? Number(from) : wire.min, 0, longestLatencyMs);
  const max = parseNumber(wire === null ? Number(to ?? from) : wire.max, 0, longestLatencyMs);
  if (max < min) throw new Error('must not fall from its first to its second number');
  return { min, max };
}

function parseMap<T>(value: unknown, parseItem: (item: unknown) => T): Record<string, T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('must be an object');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parseItem(item)]));
}

function parseFaultMap<T>(value: unknown, parseItem: (item: unknown) => T): Record<string, T> {
  const map = parseMap(value, parseItem);
  const unknown = Object.keys(map).find((name) => !faults.has(name));
  if (unknown !== undefined) throw new Error(`names no fault the simulator knows: '${unknown}'`);
  return map;
}

function parseRates(value: unknown): Record<string, number> {
  const rates = parseFaultMap(value, (rate) => parseNumber(rate, 0, 1));
  // Allow slightly more than 1, because sums of decimal fractions are not exact.
  if (Object.values(rates).reduce((sum, rate) => sum + rate, 0) > 1 + 1e-9)
    throw new Error('must not add up to more than 1');
  return rates;
}
