import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUnixSender } from '../src/index.ts';
import { bind, close, recv, socket, succeeded } from './real/test-kernel.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0x800;

describe('a sender to a Unix socket', () => {
  let folder: string;
  const open: number[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'navalis-unix-'));
  });

  afterEach(() => {
    for (const descriptor of open.splice(0)) close(descriptor);
    rmSync(folder, { recursive: true });
  });

  /** Listens at the address; a zero octet begins an abstract one. Returns a function that reads one datagram. */
  function listen(address: string): () => string | undefined {
    const descriptor = succeeded(socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0));
    open.push(descriptor);
    const octets = new Uint8Array([AF_UNIX, 0, ...Buffer.from(address)]);
    succeeded(bind(descriptor, octets, octets.length));
    const received = new Uint8Array(65_536);
    return () => {
      const count = recv(descriptor, received, received.length, 0);
      return count < 0 ? undefined : Buffer.from(received.subarray(0, count)).toString();
    };
  }

  it.each([
    ['path', () => join(folder, 'notify'), (address: string) => `${address}\0`],
    ['longest path', () => join(folder, 'n'.repeat(106 - folder.length)), (address: string) => address],
    ['abstract address', () => `@navalis/${process.pid}`, (address: string) => address.replace('@', '\0')],
  ])('[RT-06] sends each text as one datagram to a %s', (_, addressOf, inKernel) => {
    const address = addressOf();
    const receive = listen(inKernel(address));
    const sender = openUnixSender(address);
    sender.send('READY=1\nSTATUS=Läuft.');
    sender.send('WATCHDOG=1');
    expect(receive()).toBe('READY=1\nSTATUS=Läuft.');
    expect(receive()).toBe('WATCHDOG=1');
    expect(receive()).toBeUndefined();
  });

  it('reports a receiver that is gone, and finds it when it is back', () => {
    const address = join(folder, 'notify');
    const sender = openUnixSender(address);
    const sentence = `Cannot reach the Unix socket ${address}: the kernel answers ENOENT (2).`;
    expect(() => sender.send('READY=1')).toThrow(sentence);
    const receive = listen(address);
    sender.send('READY=1');
    expect(receive()).toBe('READY=1');
    close(open.pop()!);
    expect(() => sender.send('READY=1')).toThrow('ECONNREFUSED (111)');
  });

  it('never blocks: it reports a full queue', () => {
    const address = join(folder, 'notify');
    const receive = listen(address);
    const sender = openUnixSender(address);
    expect(() => {
      for (let count = 0; count < 100_000; count++) sender.send('WATCHDOG=1');
    }).toThrow('EAGAIN (11)');
    expect(receive()).toBe('WATCHDOG=1');
  });

  it('refuses a text that is too long', () => {
    const address = join(folder, 'notify');
    listen(address);
    expect(() => openUnixSender(address).send('x'.repeat(70_000))).toThrow('too long');
  });

  it.each(['vsock:2:1234', 'relative/path', '', `/${'n'.repeat(107)}`, `@${'n'.repeat(108)}`])(
    'refuses the address "%s"',
    (address) => {
      expect(() => openUnixSender(address)).toThrow('is no address of a Unix socket');
    },
  );
});
