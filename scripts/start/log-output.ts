/** One log for all children: readable on a terminal, JSON lines anywhere else. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Returns a function that copies a child's output line by line, so that lines of different children
 * do not mix.
 */
export async function createLogOutput(): Promise<(child: ChildProcess) => void> {
  const write = process.stdout.isTTY
    ? await prettyWriter()
    : (line: string) => process.stdout.write(`${line}\n`);
  return (child) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', write);
  };
}

async function prettyWriter(): Promise<(line: string) => void> {
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    colorize: true,
    ignore: 'pid,hostname',
    messageFormat: '{msg}',
    translateTime: 'SYS:HH:MM:ss',
    sync: true,
    destination: 1,
  });
  return (line) => stream.write(`${line}\n`);
}
