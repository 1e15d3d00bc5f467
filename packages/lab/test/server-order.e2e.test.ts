import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { otherServerAddress, serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startClient, startServer } from '../src/programs/navalis.ts';

describe('a client that takes the fastest of its servers', () => {
  let laboratory: Laboratory;
  let host: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    await Promise.all([
      startServer(laboratory, internet.serverHost()),
      startServer(laboratory, internet.otherServerHost(), otherServerAddress),
    ]);
    host = internet.home().host;
  });

  afterAll(() => laboratory.close());

  it('[CL-C-14] names it in log and status, and begins with it after a restart', async () => {
    const flags = ['--server', otherServerAddress, '--server-order', 'fastest'];
    const memory = ['--state-directory', laboratory.file('state')];
    const first = await startClient(laboratory, host, [...flags, ...memory]);
    const [, fastest] = await first.program.line(/Server (\S+) is the fastest of 2: it answered after [\d.]+ ms\./);
    expect([serverAddress, otherServerAddress]).toContain(fastest);
    expect((await first.status()).server).toBe(fastest);
    await first.program.stop();
    const second = await startClient(laboratory, host, [...flags, ...memory]);
    expect((await second.status()).server).toBe(fastest);
    expect(second.program.output).not.toContain('is the fastest');
  });
});
