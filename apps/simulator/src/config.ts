/** Parses the environment once; reports every mistake together, naming its variable. */
import { defaultSettings, parseSettings, SettingsError, type Settings } from './settings.ts';

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  logLevel: string;
  ledgerPath: string | null;
  settings: Settings;
}

export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(`The simulator cannot start:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Environment variables that are settings, and how each text becomes a value. */
const settingVariables: Readonly<Record<string, { name: string; read(text: string): unknown }>> = {
  SIMULATOR_RPM: { name: 'rpm', read: Number },
  SIMULATOR_IPM: { name: 'ipm', read: Number },
  SIMULATOR_TPM: { name: 'tpm', read: Number },
  SIMULATOR_MINUTE_MS: { name: 'minute_ms', read: Number },
  SIMULATOR_LATENCY_MS: { name: 'latency_ms', read: String },
  SIMULATOR_SEED: { name: 'seed', read: Number },
  SIMULATOR_PICTURES: { name: 'pictures', read: String },
};

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const mistakes: string[] = [];
  let settings = defaultSettings;
  for (const [variable, { name, read }] of Object.entries(settingVariables)) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    try {
      settings = parseSettings({ [name]: read(text) }, settings);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      mistakes.push(`${variable}: '${text}' is not right. ${error.message}`);
    }
  }
  const port = Number(env['SIMULATOR_PORT'] ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    mistakes.push(
      `SIMULATOR_PORT: must be a port from 0 to 65535, but got '${env['SIMULATOR_PORT']}'.`,
    );
  const logLevel = env['LOG_LEVEL'] || 'info';
  if (!logLevels.includes(logLevel))
    mistakes.push(`LOG_LEVEL: must be one of ${logLevels.join(', ')}, but got '${logLevel}'.`);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return {
    host: env['SIMULATOR_HOST'] || '127.0.0.1',
    port,
    logLevel,
    ledgerPath: env['SIMULATOR_LEDGER'] || null,
    settings,
  };
}
