import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { launch, type Navalis, startClient, startServer } from '../src/programs/navalis.ts';

const aliceSecret = 'alice-0123456789abcdef0123456789abcdef';
const bobSecret = 'bob-0123456789abcdef0123456789abcdef';

describe('secure qualification', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let server: Navalis;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    writeKeys(`alice hmac-sha1 ${aliceSecret}\nbob hmac-sha256 ${aliceSecret}\n`);
    const flags = ['--client-keys', laboratory.file('keys'), '--require-secure', 'true'];
    server = await startServer(laboratory, internet.serverHost(), serverAddress, flags);
  });

  afterAll(() => laboratory.close());

  function writeKeys(text: string): void {
    writeFileSync(laboratory.file('keys'), text, { mode: 0o600 });
  }

  /** The flags of a client with a secret. */
  function secureFlags(identifier: string, secret: string, algorithm: string): string[] {
    const path = laboratory.file(`${identifier}.secret`);
    writeFileSync(path, `${secret}\n`, { mode: 0o600 });
    return ['--client-identifier', identifier, '--secret-file', path, '--secure-algorithm', algorithm];
  }

  it('[SV-R-05][SEC-28] decides which clients are served; SIGHUP loads new secrets, and no output shows one', async () => {
    const alice = await startClient(laboratory, internet.home().host, secureFlags('alice', aliceSecret, 'hmac-sha1'));

    const home = internet.home().host;
    const bobFlags = secureFlags('bob', bobSecret, 'hmac-sha256');
    const refused = launch(laboratory, home, 'client', { flags: ['--server', serverAddress, ...bobFlags] });
    await refused.program.line(/Off-line: .*sent no answer authenticated with this client's secret/, 20_000);
    expect(await refused.status()).toMatchObject({ offlineReason: 'no-authenticated-answer' });
    const failed = (await server.status()).counters.drops['authentication-failed'] ?? 0;
    // Three in the failed round; the next round may have begun.
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(failed).toBeLessThanOrEqual((await refused.status()).counters.solicitationsSent);
    // One warning for all, with the details that both operators need to find the mistake.
    const { program: log } = server;
    await log.line(/Refused a solicitation from 203\.0\.113\.\d+:\d+: client "bob" used another secret or algorithm/);
    expect(log.output.match(/Refused a solicitation/g)).toHaveLength(1);
    await refused.program.stop();

    writeKeys('alice\n');
    server.program.signal('SIGHUP');
    await server.program.line(/The configuration stays as it was: client-keys .*: line 1 has not/);
    writeKeys(`alice hmac-sha1 ${aliceSecret}\nbob hmac-sha256 ${bobSecret}\n`);
    server.program.signal('SIGHUP');
    await server.program.line(/The secrets of clients were read again: 2/);
    const bob = await startClient(laboratory, home, bobFlags);

    expect(bob.address).not.toBe(alice.address);
    for (const { program, status } of [alice, refused, bob, server]) {
      expect(program.output).not.toContain('0123456789abcdef');
      if (program.ending === undefined) expect(JSON.stringify(await status())).not.toContain('0123456789abcdef');
    }
  });

  it('leaves a client without a secret unanswered', async () => {
    const before = (await server.status()).counters.drops['authentication-failed'] ?? 0;
    const client = launch(laboratory, internet.home().host, 'client', { flags: ['--server', serverAddress] });
    const drops = async () => (await server.status()).counters.drops['authentication-failed'] ?? 0;
    await client.program.until('a solicitation', async () => ((await drops()) > before ? true : undefined), 10_000);
    expect((await client.status()).state).toBe('starting');
    await server.program.line(
      /Refused a solicitation from .*: it names no client identifier, and require-secure is true/,
    );
  });
});
