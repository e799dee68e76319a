/**
 * Runs nginx, Caddy and HAProxy with the configurations of docs/proxy.md: only the ports and the
 * paths of the certificate are replaced. A program that is not on PATH is unpacked from Debian's
 * package into `.tmp`, which installs nothing and starts no service.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { startServer, temporaryFolder } from '../engines/server-process.ts';
import type { Certificate } from './tls-front.ts';

export const proxyNames = ['nginx', 'Caddy', 'HAProxy'] as const;

export type ProxyName = (typeof proxyNames)[number];

/** `npm run test:proxies` sets it. */
export function areAllProxiesTested(): boolean {
  return process.env['KILN_TEST_PROXIES'] === 'all';
}

const root = join(import.meta.dirname, '..', '..', '..');
export const publicHost = 'kiln.example.com';

const packages: Readonly<Record<ProxyName, string[]>> = {
  nginx: ['nginx'],
  Caddy: ['caddy'],
  HAProxy: ['haproxy', 'liblua5.3-0'],
};

export async function startReverseProxy(
  name: ProxyName,
  ports: { listen: number; kiln: number },
  certificate: Certificate,
): Promise<{ close(): Promise<void> }> {
  const { path: folder } = temporaryFolder(name.toLowerCase());
  for (const [file, content] of [
    ['kiln.crt', certificate.cert],
    ['kiln.key', certificate.key],
    ['kiln.pem', certificate.cert + certificate.key],
  ] as const)
    writeFileSync(join(folder, file), content);
  const documented = configurationOf(name)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.kiln}`)
    .replaceAll('/etc/ssl', folder);
  const file = join(folder, 'configuration');
  writeFileSync(file, complete(name, documented, folder, ports.listen));
  const { program, library } = findProgram(name);
  const args = {
    nginx: ['-p', folder, '-c', file, '-e', 'stderr'],
    Caddy: ['run', '--adapter', 'caddyfile', '--config', file],
    HAProxy: ['-db', '-f', file],
  }[name];
  const server = await startServer({
    name,
    file: library === null ? program : 'env',
    args: library === null ? args : [`LD_LIBRARY_PATH=${library}`, program, ...args],
    stopSignal: 'SIGTERM',
    probe: () => isListening(ports.listen),
  });
  return { close: () => server.end('SIGTERM') };
}

/** The block of the document below the heading with the program's name. */
function configurationOf(name: ProxyName): string {
  const document = readFileSync(join(root, 'docs', 'proxy.md'), 'utf8');
  const found = new RegExp(`^## ${name}\\n+\`\`\`\\w+\\n([^]*?)^\`\`\``, 'm').exec(document)?.[1];
  if (found === undefined) throw new Error(`docs/proxy.md has no configuration of ${name}`);
  return found;
}

/** Adds what a system's own configuration has around the documented part. */
function complete(name: ProxyName, text: string, folder: string, port: number): string {
  switch (name) {
    case 'nginx': {
      const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const paths = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
      const blocks = text.replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`);
      return `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
http { access_log off; ${paths} ${blocks} }`;
    }
    case 'Caddy':
      return `{\n admin off\n auto_https disable_redirects\n storage file_system ${folder}\n}
${text.replace(`${publicHost} {`, `https://${publicHost}:${port} {`)}`;
    case 'HAProxy':
      return text.replace('bind :443', `bind 127.0.0.1:${port}`);
  }
}

function findProgram(name: ProxyName): { program: string; library: string | null } {
  const program = name.toLowerCase();
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const installed = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (installed !== undefined) return { program: installed, library: null };
  const folder = join(root, '.tmp', 'proxies', program);
  if (!existsSync(folder)) unpack(packages[name], folder);
  const [unpacked] = globSync(join(folder, 'usr', '{bin,sbin}', program));
  if (unpacked === undefined) throw new Error(`The Debian package has no program ${program}.`);
  return {
    program: unpacked,
    library: globSync(join(folder, 'usr', 'lib', '*-linux-gnu'))[0] ?? folder,
  };
}

function unpack(names: readonly string[], folder: string): void {
  const { path, remove } = temporaryFolder('packages', { isExecutable: true });
  const apt = (...args: string[]): void => {
    execFileSync('apt-get', ['-q', ...args], { cwd: path, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  // The lists of a fresh container are empty; only root may fetch them.
  if (globSync('/var/lib/apt/lists/*_Packages*').length === 0) apt('update');
  apt('download', ...names);
  mkdirSync(folder, { recursive: true });
  for (const archive of globSync(join(path, '*.deb')))
    execFileSync('dpkg-deb', ['-x', archive, folder]);
  remove();
}

function isListening(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', resolve).once('error', reject);
  return promise.finally(() => socket.destroy());
}
