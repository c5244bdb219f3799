/**
 * The network in front of one listener, without packet filters, so that it works unprivileged.
 *
 *   client --> [ public address : proxy ] --> machine at its hidden address
 *                     gate: by source address
 *
 * gate shut      existing connections stop moving both ways and move on when it opens; new ones wait
 * no target      the machine is dead: connections are refused, or wait where not even a refusal would come back
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Gate } from './network.ts';
import { pump, type Hold, type Pump } from './pump.ts';

export interface Endpoint {
  host: string;
  port: number;
}

export interface ProxyOptions {
  listen: Endpoint;
  gate: Gate;
  /** True while not even a refusal comes back from a dead machine. @default never */
  silent?: () => boolean;
  /** Per connection, how long bytes from the machine are under way. @default not at all */
  hold?: () => Hold;
}

/** A client that waits for more than this before it is let in sends no more meanwhile. */
const waitingBytes = 64 * 1024;

interface Connection {
  from: string;
  client: Socket;
  /** Ends the waiting of a connection that is let in. */
  admit?: () => void;
  /** Set once the connection was let in. */
  through?: { machine: Socket; pumps: readonly Pump[] };
}

export class Proxy {
  private readonly options: ProxyOptions;
  private readonly connections = new Set<Connection>();
  private readonly unsubscribe: () => void;
  private server: Server | undefined;
  private target: Endpoint | undefined;

  constructor(options: ProxyOptions) {
    this.options = options;
    this.unsubscribe = options.gate.onChange(() => this.update());
  }

  /** False while connections are refused. */
  get listening(): boolean {
    return this.server?.listening ?? false;
  }

  /** Lets connections through to `target`. Resolves when they are accepted. */
  async open(target: Endpoint): Promise<void> {
    this.target = target;
    if (this.server !== undefined) return;
    const server = this.listen();
    await once(server, 'listening');
  }

  /** The machine died: its connections end, new ones are refused. */
  dead(): void {
    this.target = undefined;
    for (const { through } of this.connections) through?.machine.destroy();
    this.update();
  }

  /** Cuts off everyone at once, also behind a shut gate. */
  disconnect(): void {
    for (const { client, through } of this.connections) {
      through?.machine.destroy();
      client.destroy();
    }
  }

  async close(): Promise<void> {
    this.unsubscribe();
    this.target = undefined;
    const { server } = this;
    this.server = undefined;
    const closed = server === undefined ? undefined : once(server, 'close');
    server?.close();
    this.disconnect();
    await closed;
  }

  private listen(): Server {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.server = server;
    server.on('connection', (client) => this.accept(client));
    server.listen({ ...this.options.listen, backlog: 511 });
    return server;
  }

  /** The gate or the target changed. */
  private update(): void {
    for (const connection of this.connections) this.move(connection);
    if (this.target !== undefined) return;
    const silent = this.options.silent?.() ?? false;
    if (silent && this.server === undefined) this.listen();
    if (!silent && this.server !== undefined) {
      this.server.close();
      this.server = undefined;
    }
  }

  private accept(client: Socket): void {
    const connection: Connection = { from: client.remoteAddress ?? '', client };
    this.connections.add(connection);
    client.on('error', () => client.destroy());
    client.on('close', () => this.connections.delete(connection));
    this.wait(connection);
    this.move(connection);
  }

  /** Reads ahead while the connection waits, to notice a client that gave up: nothing of it may arrive later. */
  private wait(connection: Connection): void {
    const { client } = connection;
    const waiting: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes > waitingBytes) client.pause();
    };
    const onEnd = () => client.destroy();
    client.on('data', onData).on('end', onEnd).resume();
    connection.admit = () => {
      client.off('data', onData).off('end', onEnd).pause();
      for (const chunk of waiting.reverse()) client.unshift(chunk);
    };
  }

  private move(connection: Connection): void {
    const { from, client, through, admit } = connection;
    if (through !== undefined) {
      const open = this.options.gate.passes(from);
      for (const direction of through.pumps) direction.setOpen(open);
      if (open && through.machine.destroyed) client.destroy();
    } else if (this.options.gate.admits(from)) {
      admit?.();
      if (this.target === undefined) client.resetAndDestroy();
      else this.letIn(connection, this.target);
    }
  }

  private letIn(connection: Connection, target: Endpoint): void {
    const { client } = connection;
    const machine = connect({ ...target, allowHalfOpen: true, noDelay: true });
    connection.through = { machine, pumps: [pump(client, machine), pump(machine, client, this.options.hold?.())] };
    machine.on('error', (error: NodeJS.ErrnoException) => {
      // Nothing listens on this port (yet): the client has got its connection, so a reset is as near to a refusal as it gets.
      if (error.code === 'ECONNREFUSED') client.resetAndDestroy();
      machine.destroy();
    });
    machine.on('close', () => {
      // Behind a shut gate the client can't learn that the machine is gone; a farewell it has sent is under way already.
      if (!machine.readableEnded) this.move(connection);
    });
    client.on('close', () => machine.destroy());
    this.move(connection);
  }
}
