/**
 * Agents for the SDKs of AWS and Azure, which send their requests with `node:http` and `node:https`
 * and know no proxies or read the variables in a way of their own. Node's agents make the
 * connection through the proxy: they tunnel https: with CONNECT, and send http: with an absolute
 * address.
 */
import { Agent as HttpAgent, type AgentOptions, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { proxyFor, type Destination, type Proxies } from '../config/proxies.ts';

/**
 * Creates an agent that decides for every https: request whether it goes through a proxy. Requests
 * for http: go directly: with these SDKs, only services of this machine that give out its identity
 * are called so. Stores with an http: address use `createHttpAgent`.
 */
export function createHttpsAgent(proxies: Proxies, options: AgentOptions): HttpsAgent {
  return new ProxyingAgent(proxies, options);
}

/** Creates an agent for http: requests to one destination. */
export function createHttpAgent(
  proxies: Proxies,
  destination: Destination,
  options: AgentOptions,
): HttpAgent {
  const proxy = proxyFor(proxies, destination);
  return new HttpAgent({ ...options, ...(proxy && { proxyEnv: { HTTP_PROXY: proxy.href } }) });
}

/** What Node calls an agent with; it is not part of Node's types. */
interface RequestSender {
  addRequest(request: ClientRequest, target: RequestTarget): void;
}

interface RequestTarget {
  host?: string;
  port?: number;
}

class ProxyingAgent extends HttpsAgent {
  readonly #proxies: Proxies;
  readonly #directHttp: HttpAgent;
  readonly #direct: HttpsAgent;
  readonly #proxied: HttpsAgent;
  /** Node refuses requests of another protocol than the agent's; undefined accepts both. */
  readonly protocol = undefined;

  constructor(proxies: Proxies, options: AgentOptions) {
    super(options);
    this.#proxies = proxies;
    this.#directHttp = new HttpAgent(options);
    this.#direct = new HttpsAgent(options);
    const proxyEnv = proxies.https === null ? {} : { HTTPS_PROXY: proxies.https.href };
    this.#proxied = new HttpsAgent({ ...options, proxyEnv });
  }

  addRequest(request: ClientRequest, target: RequestTarget): void {
    if (request.protocol === 'http:') {
      // Node takes a missing port from the agent, whose default is that of https:.
      const port = target.port === 443 ? 80 : target.port;
      toSender(this.#directHttp).addRequest(request, { ...target, ...(port && { port }) });
      return;
    }
    const { host = 'localhost', port = '' } = target;
    const destination = { protocol: 'https:', hostname: host, port: String(port) };
    const isDirect = proxyFor(this.#proxies, destination) === null;
    toSender(isDirect ? this.#direct : this.#proxied).addRequest(request, target);
  }

  override destroy(): void {
    for (const agent of [this.#directHttp, this.#direct, this.#proxied]) agent.destroy();
  }
}

function toSender(agent: HttpAgent): RequestSender {
  return agent as unknown as RequestSender;
}
