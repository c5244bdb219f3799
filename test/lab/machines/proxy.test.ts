import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Network } from '../../../src/lab/machines/network.ts';
import { Proxy } from '../../../src/lab/machines/proxy.ts';
import { holdStream } from '../../../src/lab/machines/replication-link.ts';
import { takeNetwork } from './parts.ts';

const net = await takeNetwork();
const at = (rest: string) => `127.${net.network}.${rest}`;
const listen = { host: at('1.4'), port: 7000 };
const hidden = { host: at('200.1'), port: 7000 };
const open = { cutSubnets: [], noIngress: [], replicationSurvives: false };
const cut = { ...open, cutSubnets: [at('1')] };

let network: Network;
let proxy: Proxy;
let machine: Server;
/** What the machine received, in all connections together. */
let received: string;
let accepted: Socket[];
const clients: Socket[] = [];

async function client(from?: string): Promise<Socket> {
  const socket = connect({ ...listen, localAddress: from });
  clients.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}
const eventually = (check: () => void) => vi.waitFor(check, { interval: 5, timeout: 60_000 });
/** Long for bytes on loopback. */
const aWhile = () => sleep(100);

beforeEach(async () => {
  network = new Network();
  received = '';
  accepted = [];
  machine = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk.toString();
      socket.write(`echo ${chunk.toString()}`);
    });
  });
  machine.listen(hidden.port, hidden.host);
  await once(machine, 'listening');
  proxy = new Proxy({ listen, gate: network.gateTo(listen.host), silent: () => network.silences(listen.host) });
  await proxy.open(hidden);
});
afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy();
  await proxy.close();
  for (const socket of accepted) socket.destroy();
  machine.close();
  await once(machine, 'close');
});

describe('a proxied connection', () => {
  it('stops both ways while its subnet is cut, and then goes on where it was', async () => {
    const socket = await client();
    socket.write('one;');
    expect(String((await once(socket, 'data'))[0])).toBe('echo one;');
    network.set(cut);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.write('two;');
    accepted[0]?.write('unasked;');
    await aWhile();
    expect([received, answer]).toEqual(['one;', '']);
    network.set(open);
    await eventually(() => expect([received, answer]).toEqual(['one;two;', 'unasked;echo two;']));
  });

  it('delivers after the cut what a client sent that has gone meanwhile', async () => {
    const socket = await client();
    socket.write('one;');
    await once(socket, 'data');
    network.set(cut);
    socket.end('late;');
    await aWhile();
    expect(received).toBe('one;');
    network.set(open);
    await eventually(() => expect(received).toBe('one;late;'));
  });

  it('hides the death of its machine behind the cut', async () => {
    const socket = await client();
    socket.write('one;');
    await once(socket, 'data');
    network.set(cut);
    proxy.dead();
    let closed = false;
    socket.on('close', () => (closed = true));
    await aWhile();
    expect(closed).toBe(false);
    network.set(open);
    await eventually(() => expect(closed).toBe(true));
  });

  it('goes on inside its subnet', async () => {
    network.set(cut);
    const socket = await client(at('1.9'));
    socket.write('neighbour;');
    expect(String((await once(socket, 'data'))[0])).toBe('echo neighbour;');
  });
});

describe('a new connection', () => {
  it('waits while the subnet is cut, and is let in when it heals', async () => {
    network.set(cut);
    const socket = await client();
    socket.write('patient;');
    await aWhile();
    expect([received, accepted.length]).toEqual(['', 0]);
    network.set(open);
    await eventually(() => expect(received).toBe('patient;'));
  });

  it('leaves nothing behind when its client gave up before', async () => {
    network.set(cut);
    const socket = await client();
    socket.end('impatient;');
    await once(socket, 'close');
    network.set(open);
    await aWhile();
    expect([received, accepted.length]).toEqual(['', 0]);
  });

  it('is kept out by the security group, which leaves existing ones alone', async () => {
    const tracked = await client();
    tracked.write('tracked;');
    await once(tracked, 'data');
    network.set({ ...open, noIngress: [listen.host] });
    const fresh = await client(at('1.9'));
    fresh.write('fresh;');
    tracked.write('again;');
    await eventually(() => expect(received).toBe('tracked;again;'));
    await aWhile();
    expect(received).toBe('tracked;again;');
  });

  it('is refused where the machine is dead, and hangs where not even a refusal comes back', async () => {
    proxy.dead();
    await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    network.set(cut);
    await eventually(() => expect(proxy.listening).toBe(true));
    const socket = await client();
    let closed = false;
    socket.on('close', () => (closed = true));
    await aWhile();
    expect(closed).toBe(false);
    network.set(open);
    await eventually(() => expect(closed).toBe(true));
    await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.open(hidden);
    (await client()).write('back;');
    await eventually(() => expect(received).toBe('back;'));
  });
});

describe('the hold of a replication stream', () => {
  const message = (type: string, body: string) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(4 + body.length, 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };

  it('begins after the handshake, in whatever pieces that comes', () => {
    const hold = holdStream(() => 500);
    const handshake = Buffer.concat([message('R', 'WWWW'), message('Z', 'I'), message('W', '')]);
    for (const byte of handshake) expect(hold(Buffer.from([byte]))).toBe(0);
    expect(hold(message('d', 'wal'))).toBe(500);
  });
});
