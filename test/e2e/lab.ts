/** A lab that stands on its own, for runs that are watched from outside: what `lab up` says, and the truth by its side door. */
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Home } from './cli.ts';

export interface LabUp {
  awsEndpoint: string;
  dns: { host: string; port: number };
  url: string;
  env: Record<string, string>;
}

export interface LabDatabase {
  region: string;
  identifier: string;
  id: string;
  address: string;
  status: string;
}

/** Starts a lab, of the default estate unless the options name another, and points the home's later commands at it. */
export async function labUp(home: Home, ...options: readonly string[]): Promise<LabUp> {
  const { code, stdout, stderr } = await home.run('lab', 'up', '--json', ...options);
  if (code !== 0) throw new Error(`lab up: exit ${code}\n${stderr}`);
  const lab = JSON.parse(stdout) as LabUp;
  home.use(lab.env);
  return lab;
}

/** All databases, also those that nobody reaches. */
export async function databases({ awsEndpoint }: LabUp): Promise<LabDatabase[]> {
  const said = await ask(`${awsEndpoint}/_lab/state`, 'GET');
  return (JSON.parse(said) as { databases: LabDatabase[] }).databases;
}

export async function post(lab: LabUp, path: string, body: unknown): Promise<void> {
  await ask(`${lab.awsEndpoint}/_lab/${path}`, 'POST', JSON.stringify(body));
}

/** Ends all API faults. */
export async function clearFaults({ awsEndpoint }: LabUp): Promise<void> {
  await ask(`${awsEndpoint}/_lab/faults`, 'DELETE');
}

/** A connection of its own each time: a kept one may be closed by the lab in the moment in which it is used again. */
async function ask(url: string, method: string, body?: string): Promise<string> {
  const asking = request(url, { method, agent: false });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const said = await text(response);
  if (response.statusCode !== 200) throw new Error(`${method} ${url}: ${response.statusCode} ${said}`);
  return said;
}

/** A socket that listens in a lab's network. */
export interface Listener {
  /** As `address:port`. */
  address: string;
  /** The kernel's number of the socket: what listens there later, and be it another lab that was given the network, has another. */
  inode: string;
}

/** What listens in the lab's network now, as the kernel says. Source: proc(5), /proc/net/tcp and udp. */
export async function listeners({ dns }: LabUp): Promise<Listener[]> {
  const network = dns.host.split('.').slice(0, 2).join('.');
  const tables = await Promise.all(['tcp', 'udp'].map((table) => readFile(`/proc/net/${table}`, 'utf8')));
  const sockets = tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return sockets.flatMap(([, local = '', , state, , , , , , inode = '']) => {
    const [hex = '', port = ''] = local.split(':');
    // Addresses stand there in the byte order of the machine; 0A listens, 07 is a bound datagram socket.
    const address = [...Buffer.from(hex, 'hex')].reverse().join('.');
    const open = state === '0A' || state === '07';
    return open && address.startsWith(`${network}.`)
      ? [{ address: `${address}:${Number.parseInt(port, 16)}`, inode }]
      : [];
  });
}

/** Those of the listeners that listen still. */
export async function stillListening(lab: LabUp, before: readonly Listener[]): Promise<Listener[]> {
  const now = new Set((await listeners(lab)).map(({ inode }) => inode));
  return before.filter(({ inode }) => now.has(inode));
}
