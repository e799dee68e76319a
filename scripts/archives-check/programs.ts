/**
 * The programs that `npm run archives:check` opens an archive with: how each lists the names in it,
 * and how each extracts it into a folder. All come from Debian.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages, mayInstall } from '../test/install-packages.ts';

export interface Program {
  name: string;
  /** The program's own words about its version. */
  version(): string;
  /** Extracts the archive into the folder, and returns the names in the order it lists them. */
  open(archive: string, folder: string): string[];
  /** Whether it gives extracted files the mode that the archive states. */
  keepsMode: boolean;
}

/** Debian's package for each command. */
const packages: Readonly<Record<string, string>> = {
  unzip: 'unzip',
  '7z': 'p7zip-full',
  bsdtar: 'libarchive-tools',
  python3: 'python3-minimal',
  javac: 'default-jdk-headless',
};

const java = join(import.meta.dirname, 'ReadArchive.java');
const listWithPython =
  'import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep="\\n")';

export const programs: readonly Program[] = [
  {
    name: 'unzip',
    version: () => firstLine(run('unzip', ['-v'])),
    open(archive, folder) {
      run('unzip', ['-q', archive, '-d', folder]);
      return lines(run('unzip', ['-Z1', archive]));
    },
    keepsMode: true,
  },
  {
    name: '7z',
    version: () => firstLine(run('7z', [])),
    open(archive, folder) {
      run('7z', ['x', '-y', `-o${folder}`, archive]);
      return lines(run('7z', ['l', '-slt', '-ba', archive])).flatMap((line) =>
        line.startsWith('Path = ') ? [line.slice('Path = '.length)] : [],
      );
    },
    keepsMode: true,
  },
  {
    name: 'bsdtar',
    version: () => firstLine(run('bsdtar', ['--version'])),
    open(archive, folder) {
      run('bsdtar', ['-xf', archive, '-C', folder]);
      return lines(run('bsdtar', ['-tf', archive]));
    },
    keepsMode: true,
  },
  {
    name: 'bsdtar, piped',
    version: () => 'the same, front to back',
    open(archive, folder) {
      run('bsdtar', ['-xf', '-', '-C', folder], archive);
      return lines(run('bsdtar', ['-tf', '-'], archive));
    },
    keepsMode: false, // only the directory at the end states it
  },
  {
    name: 'Python',
    version: () => firstLine(run('python3', ['--version'])),
    open(archive, folder) {
      run('python3', ['-m', 'zipfile', '-e', archive, folder]);
      return lines(run('python3', ['-c', listWithPython, archive]));
    },
    keepsMode: false, // zipfile ignores it
  },
  {
    name: 'Java',
    version: () => `${firstLine(run('javac', ['--version']))}, ZipInputStream, front to back`,
    open: (archive, folder) => lines(run('java', [java, folder], archive)),
    keepsMode: false, // java.util.zip ignores it
  },
];

/**
 * Installs the programs that are missing. Throws with the command to run if that is not allowed.
 */
export async function installMissing(): Promise<void> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = Object.entries(packages).flatMap(([command, name]) =>
    folders.some((folder) => existsSync(join(folder, command))) ? [] : [name],
  );
  if (missing.length === 0) return;
  if (!mayInstall())
    throw new Error(
      `programs are missing; install them: sudo apt-get install ${missing.join(' ')}`,
    );
  console.log(`Installing ${missing.join(', ')} …`);
  await installPackages(missing);
}

/** @param input the file that the program reads as its standard input */
function run(command: string, args: readonly string[], input?: string): string {
  const file = input === undefined ? null : openSync(input, 'r');
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: [file ?? 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  } finally {
    if (file !== null) closeSync(file);
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function firstLine(text: string): string {
  return lines(text)[0]?.trim() ?? '';
}
