/**
 * TLS for a plain server on loopback, with a certificate that this process trusts. Tests reach it
 * under names of the internet through a proxy (`connect-proxy.ts`).
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { temporaryFolder } from '../engines/server-process.ts';

export interface Certificate {
  key: string;
  cert: string;
}

/** Makes a certificate for these names, and makes this process trust it. */
export function makeTrustedCertificate(names: readonly string[]): Certificate {
  const { path } = temporaryFolder('certificate');
  const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')];
  const listed = names.map((name) => `DNS:${name}`).join(',');
  const subject = `-subj /CN=kiln-test -addext subjectAltName=${listed}`;
  const kind = '-x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:P-256';
  const args = [...`req ${kind} ${subject}`.split(' '), '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  setDefaultCACertificates([...getCACertificates('default'), made.cert]);
  return made;
}

/** Returns the port at which the plain server is reached by TLS. */
export async function startTlsFront(
  plainPort: number,
  certificate: Certificate,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(certificate, (socket) => {
    const upstream = connect(plainPort, '127.0.0.1');
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
