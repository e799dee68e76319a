/** Writes the logs of an environment's processes, and the ledger, to a folder of `.tmp`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultEnvironment } from './environment.ts';

const logs = join(import.meta.dirname, '..', '..', '..', '.tmp');

/** Returns the folder. @param name its path below `.tmp` */
export function keepLogs(environment: FaultEnvironment, name: string): string {
  const folder = join(logs, name);
  mkdirSync(folder, { recursive: true });
  for (const [index, { output }] of [
    environment.api,
    ...environment.formerApis,
    ...environment.workers,
  ].entries())
    writeFileSync(join(folder, `${index}.log`), output());
  writeFileSync(join(folder, 'ledger.json'), JSON.stringify(environment.ledger.entries(), null, 1));
  return folder;
}
