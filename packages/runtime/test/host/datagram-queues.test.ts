import { createSocket } from 'node:dgram';
import { expect, it, vi } from 'vitest';
import { DatagramQueues } from '../../src/host/datagram-queues.ts';

const descriptors = vi.hoisted(() => ({ areUsedUp: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readdirSync = (path: string) => {
    if (descriptors.areUsedUp) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    return fs.readdirSync(path);
  };
  return { ...fs, readdirSync };
});

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';

function line(inode: number, [sending, receiving]: readonly [string, string], drops: number): string {
  const fields = `07 ${sending}:${receiving} 00:00000000 00000000     0        0 ${inode} 2 00000000ab0d0c11 ${drops}`;
  return `  ${inode}: 0100007F:0DD8 00000000:0000 ${fields}`;
}

it('the queues of a program are those of its own sockets', () => {
  const lines = [header, line(11, ['00000010', '00000A00'], 3), line(12, ['0', '1'], 4), line(13, ['1', '2'], 5), ''];
  const queues = new DatagramQueues('teredo', {
    sockets: () => lines.join('\n'),
    ownInodes: () => new Set(['11', '13']),
    statistic: (name) => (name === 'teredo' ? '9\n' : ''),
  });
  expect(queues.read()).toEqual({ receiveOctets: 0xa02, sendOctets: 0x11, socketDrops: 8, interfaceDrops: 9 });
});

it('the drops of a closed socket still count, and each drop once', () => {
  let lines: readonly string[] = [header, line(11, ['0', '0'], 3), line(12, ['0', '0'], 4)];
  const queues = new DatagramQueues(undefined, {
    sockets: () => lines.join('\n'),
    ownInodes: () => new Set(['11', '12', '13']),
    statistic: () => '',
  });
  expect(queues.read().socketDrops).toBe(7);
  expect(queues.read().socketDrops).toBe(7);
  lines = [header, line(12, ['0', '0'], 6), line(13, ['0', '0'], 1)];
  expect(queues.read()).toMatchObject({ socketDrops: 10, interfaceDrops: 0 });
});

it('queues that cannot be read are as before, and no drop is counted twice', () => {
  let inodes: ReadonlySet<string> | undefined = new Set(['11']);
  const queues = new DatagramQueues(undefined, {
    sockets: () => [header, line(11, ['1', '2'], 3)].join('\n'),
    ownInodes: () => inodes,
    statistic: () => '',
  });
  const before = queues.read();
  inodes = undefined;
  expect(queues.read()).toEqual(before);
  inodes = new Set(['11']);
  expect(queues.read()).toEqual(before);
  expect(before.socketDrops).toBe(3);
  descriptors.areUsedUp = true;
  try {
    expect(new DatagramQueues(undefined).read().receiveOctets).toBe(0);
  } finally {
    descriptors.areUsedUp = false;
  }
});

it('the queues of this process are found in the kernel, and an interface that is gone drops nothing', async () => {
  const receiver = createSocket('udp4');
  const sender = createSocket('udp4');
  const queues = new DatagramQueues('navalis-none');
  try {
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => sender.connect(receiver.address().port, '127.0.0.1', resolve));
    // Sent at once, but received in a later turn of the event loop.
    sender.send('text');
    expect(queues.read().receiveOctets).toBeGreaterThan(0);
    await new Promise((resolve) => receiver.once('message', resolve));
    expect(queues.read()).toEqual({ receiveOctets: 0, sendOctets: 0, socketDrops: 0, interfaceDrops: 0 });
  } finally {
    receiver.close();
    sender.close();
  }
});
