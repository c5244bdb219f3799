/**
 * An Application Load Balancer: one node per zone, each with its own address, its own view of which targets are healthy, and its own
 * turn. Requests go to healthy targets in any zone (cross-zone), from the node's address; where none is healthy, to all (fail open).
 *
 *   502  the target refused or broke the connection     503  no target is registered     504  it did not answer in time
 *
 * Source: Elastic Load Balancing user guide, "Target group health", "Troubleshoot your Application Load Balancers".
 */
import { Agent, createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { HealthChecks, type Target } from './health-checks.ts';
import type { BalancerSpec, TargetHealth } from './machines.ts';
import type { Network } from './network.ts';
import { Proxy, type Endpoint } from './proxy.ts';

/** AWS gives up connecting after this. Connections through the lab's network hang later than that, so it counts for the answer. */
const answerMs = 10_000;

export class Balancer {
  private spec: BalancerSpec;
  private readonly nodes: readonly BalancerNode[];

  private constructor(spec: BalancerSpec, nodes: readonly BalancerNode[]) {
    this.spec = spec;
    this.nodes = nodes;
  }

  static async open(spec: BalancerSpec, network: Network, hiddenEndpoint: () => Endpoint): Promise<Balancer> {
    const open = ({ address }: { address: string }) => BalancerNode.open(address, spec, network, hiddenEndpoint());
    return new Balancer(spec, await Promise.all(spec.nodes.map(open)));
  }

  /** Takes over targets and health settings. Requests that are under way to a target that left go on. */
  set(spec: BalancerSpec): void {
    this.spec = spec;
    for (const node of this.nodes) node.set(spec);
  }

  /** A target counts as healthy when some node finds it so, and is unknown only until the first check ended. */
  targetHealth(): TargetHealth[] {
    return this.spec.targets.map((target) => {
      const views = this.nodes.map((node) => node.health.of(target)).filter((view) => view !== undefined);
      const view = ['healthy', 'unhealthy'].map((state) => views.find((each) => each.state === state)).find(Boolean);
      return { id: target.id, state: view?.state ?? 'unknown', why: view?.why };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}

class BalancerNode {
  readonly health: HealthChecks;
  private readonly agent: Agent;
  private readonly server: Server;
  private readonly proxy: Proxy;
  private targets: readonly Target[] = [];
  private turn = 0;

  private constructor(address: string, spec: BalancerSpec, proxy: Proxy) {
    this.agent = new Agent({ keepAlive: true, localAddress: address, timeout: 60_000 });
    this.health = new HealthChecks(this.agent, spec.health);
    this.proxy = proxy;
    this.server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => this.forward(incoming, response));
    this.set(spec);
  }

  static async open(address: string, spec: BalancerSpec, network: Network, hidden: Endpoint): Promise<BalancerNode> {
    const proxy = new Proxy({ listen: { host: address, port: spec.port }, gate: network.gateTo(address) });
    const node = new BalancerNode(address, spec, proxy);
    node.server.listen(hidden.port, hidden.host);
    await once(node.server, 'listening');
    await proxy.open(hidden);
    return node;
  }

  set({ targets, health }: BalancerSpec): void {
    this.targets = targets;
    this.health.set(targets, health);
  }

  async close(): Promise<void> {
    this.health.close();
    await this.proxy.close();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private next(): Target | undefined {
    const healthy = this.targets.filter((target) => this.health.of(target)?.state === 'healthy');
    const candidates = healthy.length > 0 ? healthy : this.targets;
    this.turn += 1;
    return candidates[this.turn % candidates.length];
  }

  private forward(incoming: IncomingMessage, response: ServerResponse): void {
    const target = this.next();
    if (target === undefined) {
      refuse(response, 503, 'Service Temporarily Unavailable');
      return;
    }
    const { method, url: path } = incoming;
    const headers = endToEnd(incoming.headers);
    const { address: host, port } = target;
    const call = request({ agent: this.agent, host, port, method, path, headers }, (answer) => {
      clearTimeout(timer);
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(response);
      // A target that dies in the middle of its answer leaves the client with a broken one.
      answer.once('error', () => response.destroy());
    });
    const timer = setTimeout(() => {
      refuse(response, 504, 'Gateway Time-out');
      call.destroy();
    }, answerMs);
    call.once('error', () => {
      clearTimeout(timer);
      refuse(response, 502, 'Bad Gateway');
    });
    response.once('close', () => {
      clearTimeout(timer);
      if (!response.writableFinished) call.destroy();
    });
    incoming.pipe(call);
  }
}

/** What concerns one connection alone stays with it. */
function endToEnd({ connection: _, 'keep-alive': __, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}

function refuse(response: ServerResponse, status: number, title: string): void {
  if (response.headersSent || response.destroyed) return;
  const body = `<html><head><title>${status} ${title}</title></head><body><center><h1>${status} ${title}</h1></center></body></html>\n`;
  response.writeHead(status, { server: 'awselb/2.0', 'content-type': 'text/html', 'content-length': body.length });
  response.end(body);
}
