import { afterAll, beforeAll, describe, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startCoturn, turnFlags } from '../src/programs/coturn.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { exercise } from './exercise.ts';

describe('Teredo server, relay and TURN server with one address', () => {
  const laboratory = new Laboratory();
  let internet: Internet;
  let web: Namespace;
  let client: NavalisClient;
  let flags: readonly string[];

  beforeAll(async () => {
    internet = new Internet(laboratory);
    const host = internet.serverHost();
    host.setting('net/ipv6/conf/all/forwarding', '1');
    internet.core.ip('route add 2001::/32 via 2d00:0:0:1::10');
    web = internet.webHost();
    await startServer(laboratory, host);
    await startRelay(laboratory, host, ['--bind-address', serverAddress, '--bind-port', '3545']);
    await startCoturn(laboratory, host, { address: serverAddress, flags: ['--no-tls'] });
    flags = turnFlags(laboratory, { uris: [`turn:${serverAddress}`], use: 'fallback' });
    client = await startFallenBack();
  });

  afterAll(() => laboratory.close());

  /** Starts a client that first has an address of its symmetric NAT, and then one of the TURN server. */
  async function startFallenBack(): Promise<NavalisClient> {
    const started = await startClient(laboratory, internet.home('port-symmetric').host, flags);
    const address = await started.program.until(
      'a relayed address',
      async () => {
        const status = await started.status();
        return (status.turn?.relayed !== undefined && status.address) || undefined;
      },
      20_000,
    );
    return { ...started, address };
  }

  it('[TU-17][TU-20] serve a client that falls back, native hosts both ways', { timeout: 120_000 }, async () => {
    await exercise(laboratory, { name: 'TURN', ...client }, { name: 'native', host: web, address: webIpv6Address });
  });

  it('[TU-20] serve such a client and another one, both ways', { timeout: 120_000 }, async () => {
    const other = await startClient(laboratory, internet.home('port-restricted').host);
    await exercise(laboratory, { name: 'TURN', ...client }, { name: 'port-restricted', ...other });
    const third = await startFallenBack();
    await exercise(laboratory, { name: 'TURN', ...third }, { name: 'TURN', ...client });
  });
});
