/**
 * Who reaches whom in the lab, as proxies ask it: the current network table and those who want to know when it changes. Holds no
 * sockets; proxy.ts does.
 */
import type { NetworkTable } from './machines.ts';

/** What decides over the connections to one listener. */
export interface Gate {
  /** Bytes of a connection from this address pass now; otherwise they wait on both sides. */
  passes(from: string): boolean;
  /** A connection from this address may be opened now; otherwise it waits, as one whose SYN gets no answer. */
  admits(from: string): boolean;
  /** @returns how to stop listening */
  onChange(listener: () => void): () => void;
}

/** `127.N.s` of an address `127.N.s.h`. */
export const subnetOf = (address: string): string => address.slice(0, address.lastIndexOf('.'));

export class Network {
  private table: NetworkTable = { cutSubnets: [], noIngress: [], replicationSurvives: false };
  private cut: ReadonlySet<string> = new Set();
  private closed: ReadonlySet<string> = new Set();
  private readonly listeners = new Set<() => void>();

  set(table: NetworkTable): void {
    this.table = table;
    this.cut = new Set(table.cutSubnets);
    this.closed = new Set(table.noIngress);
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A network ACL filters at the subnet's border: inside a subnet everything passes. */
  passes(a: string, b: string): boolean {
    const [from, to] = [subnetOf(a), subnetOf(b)];
    return from === to || !(this.cut.has(from) || this.cut.has(to));
  }

  /** Nothing from outside its subnet reaches this address, so not even a refusal comes back. */
  silences(address: string): boolean {
    return this.cut.has(subnetOf(address)) || this.closed.has(address);
  }

  /** For a listener at `address`. Security groups look at new connections only; tracked ones go on. */
  gateTo(address: string): Gate {
    return {
      passes: (from) => this.passes(from, address),
      admits: (from) => this.passes(from, address) && !this.closed.has(address),
      onChange: (listener) => this.onChange(listener),
    };
  }

  /** For the replication link between two databases, whose ends are known whatever socket it uses. They move at failovers. */
  gateBetween(ends: { replica: () => string; source: () => string }): Gate {
    const passes = () => this.table.replicationSurvives || this.passes(ends.replica(), ends.source());
    return { passes, admits: passes, onChange: (listener) => this.onChange(listener) };
  }
}
