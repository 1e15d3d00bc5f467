import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openUnixPeers } from '../src/index.ts';

it('[SEC-46] the user at the other end of a connection to a Unix socket is known, and none of another descriptor', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-peer-'));
  const server = createServer().listen(join(folder, 'socket'));
  await once(server, 'listening');
  const client = connect(join(folder, 'socket'));
  const [accepted] = (await once(server, 'connection')) as [Socket & { readonly _handle: { readonly fd: number } }];
  const file = openSync('/dev/null', 'r');
  try {
    const userOf = openUnixPeers();
    expect(userOf(accepted._handle.fd)).toBe(process.getuid!());
    expect([userOf(file), userOf(-1)]).toEqual([undefined, undefined]);
  } finally {
    closeSync(file);
    client.destroy();
    accepted.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
