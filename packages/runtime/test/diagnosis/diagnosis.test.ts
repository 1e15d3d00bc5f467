import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { type Findings, type Stage, verdictOf } from '@navalis/nat-probe';
import { parseTurnUri } from '@navalis/turn';
import { describe, expect, it } from 'vitest';
import { carryOutDiagnosis } from '../../src/diagnosis/carry-out-diagnosis.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { serverLines, stageLines, verdictLines } from '../../src/diagnosis/diagnosis-page.ts';
import { diagnosisReport } from '../../src/diagnosis/diagnosis-report.ts';
import { conclusionOf, exitStatusOf } from '../../src/diagnosis/exit-status.ts';
import { type HostFindings, hostLines } from '../../src/diagnosis/host-findings.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { circumstancesOf, findings, local, mapped } from './circumstances.ts';

const server = { name: 'teredo.example', primary: parseIpv4('198.51.100.10')!, secondary: parseIpv4('198.51.100.11')! };

const nativeTarget = parseIpv6('2a00:1450::1')!;
const otherNativeTarget = parseIpv6('2a00:1450::2')!;

function page(stage: Stage, found: Findings): string {
  const outcome = { findings: found, verdict: verdictOf(found), nativeTarget, otherNativeTarget };
  return stageLines(stage, outcome).join('\n');
}

const restricted = findings({ fromUnknownAddress: 'filtered', fromOtherPort: 'filtered', hairpins: false });
const blocked = findings({ mappings: [{ local, byPrimary: undefined, bySecondary: undefined }] });
const half = findings({ mappings: [{ local, byPrimary: mapped, bySecondary: undefined }] });
const symmetric = findings({ mappings: [{ local, byPrimary: mapped, bySecondary: { ...mapped, port: 7001 } }] });

describe('a diagnosis', () => {
  it.each([
    [restricted, 0],
    [symmetric, 3],
    [half, 4],
    [blocked, 4],
    [findings({ throughServer: 'filtered' }), 5],
    [findings({ native: 'silent' }), 6],
    [findings({ native: 'relay-only' }), 6],
    [findings({ native: 'silent', displacesMapping: true }), 6],
    [findings({ native: 'answers', displacesMapping: true, largePackets: 'filtered' }), 7],
    [findings({ native: 'answers', displacesMapping: false, largePackets: 'filtered' }), 8],
    [findings({ native: 'unknown' }), 9],
    [findings({ throughServer: 'unknown' }), 9],
    [findings({ native: 'answers', largePackets: 'unknown' }), 9],
    [findings({ throughServer: 'passes', native: 'answers', largePackets: 'passes' }), 0],
  ])('ends with a status that says whether Teredo works: %#', (found, status) => {
    expect(exitStatusOf(verdictOf(found, true))).toBe(status);
  });

  it('ends with 4 where a client gets no address, and with 3 where a TURN server gives one', () => {
    for (const found of [symmetric, blocked, findings({ isMappedGlobal: false })]) {
      expect(exitStatusOf(verdictOf(found, false))).toBe(4);
      expect(exitStatusOf(verdictOf(found, false), true)).toBe(3);
    }
    expect(exitStatusOf(verdictOf(restricted, true), true)).toBe(0);
  });

  it('has a verdict in one sentence for each status', () => {
    const sentences = [0, 3, 4, 5, 6, 7, 8, 9].map(conclusionOf);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
    expect(new Set(sentences).size).toBe(8);
  });

  it('tells which firewall stands before the interface, and what names lead to', () => {
    const of = (host: HostFindings) => hostLines(host, { interfaceName: 'teredo7' }).join('\n');
    expect(of({ firewall: 'open', names: 'ipv4-first' })).toMatch(
      /Firewall +none for IPv6: .* "teredo7"; .*\n +Names +with IPv4 and IPv6 addresses are reached by IPv4 first/,
    );
    expect(of({ firewall: 'guards', names: 'teredo-first' })).toMatch(
      /Firewall +refuses incoming .*\n +Names +.* through Teredo first: add "label 2001:0::\/32 7" to \/etc\/gai\.conf$/,
    );
    expect(of({ firewall: 'unknown', names: 'ipv4-first' })).toMatch(/Firewall +not seen: run as root/);
  });

  it('prints a line for each stage', () => {
    const text = (found: Findings) => page('mapping', found);
    expect(text(restricted)).toContain('answers, sees 203.0.113.9:7000');
    expect(text(restricted)).toContain('one for all destinations, ports are changed');
    expect(text(findings({ isMappedGlobal: false }))).toContain('one for all destinations');
    expect(text(symmetric)).toContain('another one for each destination');
    expect(text(half)).toMatch(/Secondary +no answer\n.*not seen/);
    expect(text(blocked)).not.toContain('Mapping');
    expect(verdictLines(verdictOf(symmetric), 'It works.').slice(0, 2)).toEqual([
      'Verdict: It works.',
      'NAT: port-symmetric',
    ]);
  });

  it.each<[Stage, Partial<Findings>, RegExp]>([
    ['lifetime', { survivedSeconds: 30, expiredSeconds: 45 }, /between 30 and 45 s/],
    ['lifetime', { survivedSeconds: 120 }, /longer than 120 s/],
    ['lifetime', { expiredSeconds: 20 }, /shorter than 20 s/],
    ['lifetime', {}, /not seen/],
    ['forwarding', { throughServer: 'passes' }, /Forwarding +the server passes bubbles on$/],
    ['forwarding', { throughServer: 'filtered' }, /Forwarding +the server answers, but passes no bubbles on$/],
    ['forwarding', { throughServer: 'unknown' }, /Forwarding +not seen: too much was lost$/],
    ['filtering', { fromUnknownAddress: 'passes' }, /Filtering +any endpoint can reach this host$/],
    [
      'filtering',
      { fromUnknownAddress: 'filtered', fromOtherPort: 'passes' },
      /only addresses that this host has contacted can reach it$/,
    ],
    [
      'filtering',
      { fromUnknownAddress: 'filtered', fromOtherPort: 'filtered' },
      /only endpoints that this host has contacted can reach it$/,
    ],
    ['filtering', { fromUnknownAddress: 'filtered', fromOtherPort: 'unknown' }, /not seen/],
    ['filtering', { fromUnknownAddress: 'filtered' }, /not seen/],
    ['filtering', { fromUnknownAddress: 'unknown', fromOtherPort: 'passes' }, /not seen/],
    [
      'filtering',
      { fromUnknownAddress: 'filtered', displacesMapping: true },
      /\n +a peer that sends first is answered from another port$/,
    ],
    ['hairpinning', { hairpins: true }, /Hairpinning +yes$/],
    ['hairpinning', { hairpins: false }, /Hairpinning +no$/],
    ['hairpinning', {}, /Hairpinning +not seen/],
    ['native', { native: 'answers' }, /Native host +2a00:1450::1 answers an echo through a relay$/],
    ['native', { native: 'relay-only' }, /sends no answer, but a relay sends bubbles$/],
    [
      'native',
      { native: 'silent' },
      /sends no answer: there is no route to a relay, no relay, or the server has no IPv6$/,
    ],
    ['other-native', { otherNative: 'answers' }, /Another +2a00:1450::2 answers an echo through a relay$/],
    ['native', { native: 'unknown' }, /not seen/],
    ['size', { largePackets: 'passes' }, /1280 octets +pass both ways$/],
    ['size', { largePackets: 'filtered' }, /1280 octets +are lost, while small packets pass$/],
    [
      'size',
      { largePackets: 'filtered', largestPacket: 1152 },
      /1280 octets +are lost, while packets of 1152 octets pass$/,
    ],
    ['size', { largePackets: 'unknown' }, /not seen/],
  ])('describes the finding of %s: %j', (stage, found, expected) => {
    expect(page(stage, findings(found))).toMatch(expected);
  });

  it('names the secondary address, and that it is assumed', () => {
    const lines = (secondary: string) => {
      const asked = { server: { ...server, secondary: parseIpv4(secondary)! }, isInUse: false, choices: 1 };
      return serverLines(asked, local.address)[0];
    };
    expect(lines('198.51.100.11')).toContain(
      'secondary address 198.51.100.11 (primary + 1, unless server-secondary names another)',
    );
    expect(lines('198.51.100.77')).toMatch(/secondary address 198.51.100.77$/);
    expect(verdictOf(half).advice).toContain('server-secondary');
    expect(verdictOf({ ...half, foreignAddress: 'secondary' }).meaning).toContain('prefix of another server');
  });

  it('says which of several servers is asked, and why', () => {
    const lines = (isInUse: boolean, choices: number) =>
      serverLines({ server, isInUse, choices }, local.address).join('\n');
    expect(lines(true, 3)).toMatch(/\n +the running client uses it\n/);
    expect(lines(false, 3)).toMatch(/\n +the first of 3: no running client uses one of them\n/);
    expect(lines(false, 1).split('\n')).toHaveLength(2);
  });

  it.each([
    '2001:0:102:304::1',
    'fe80::1',
    'web.example',
    '',
    '::',
    '2a00::1,',
    '2a00::1,fe80::1',
    '2a00::1,2a00::2,2a00::3',
  ])('refuses %j for a native target', async (text) => {
    const configuration = { servers: [] } as unknown as ClientConfiguration;
    const request = { role: 'client', isJson: true, lifetime: undefined, nativeTarget: text } as const;
    await expect(carryOutDiagnosis(configuration, request)).rejects.toMatchObject({
      code: 'configuration',
      message: `--native-target "${text}" must be a global IPv6 address outside 2001::/32, or two with a comma between, or none.`,
    });
  });

  it('has a stable shape for programs', () => {
    const circumstances = circumstancesOf(half, {
      router: {
        address: parseIpv4('192.168.1.1')!,
        protocols: [
          { protocol: 'pcp', kind: 'mapped', external: mapped, isNested: false, isRemoved: true },
          { protocol: 'nat-pmp', kind: 'refused', reason: 'it makes no mappings' },
          { protocol: 'upnp', kind: 'speaks', address: undefined },
        ],
      },
      turn: [{ uri: parseTurnUri('turns:turn.example')!, relayed: undefined, failure: 'silent' }],
    });
    const report = diagnosisReport(
      {
        server,
        isInUse: true,
        local: local.address,
        findings: half,
        verdict: verdictOf(half),
        nativeTarget,
        otherNativeTarget,
        refusal: undefined,
      },
      circumstances,
    );
    expect(report).toMatchObject({
      mechanisms: { symmetricNatSupport: 'unknown', hairpinning: 'unknown' },
      portMapping: {
        router: '192.168.1.1',
        protocols: [
          {
            protocol: 'pcp',
            finding: 'mapped',
            external: '203.0.113.9:7000',
            isNested: false,
            isRemoved: true,
            reason: null,
          },
          { finding: 'refused', external: null, reason: 'it makes no mappings' },
          { finding: 'speaks', isRemoved: null },
        ],
      },
      turn: [{ server: 'turn.example:5349', transport: 'tls', relayed: null, failure: 'silent' }],
      peers: { cone: 'none', 'address-symmetric': 'none' },
    });
    expect(report).toMatchObject({
      nat: 'half-blocked',
      isUsable: false,
      server: { name: 'teredo.example', primary: '198.51.100.10', secondary: '198.51.100.11', isInUse: true },
      local: '192.168.1.5',
      mappings: [{ local: '192.168.1.5:5000', byPrimary: '203.0.113.9:7000', bySecondary: null }],
      fromStranger: null,
      foreignAddress: null,
      throughServer: null,
      displacesMapping: null,
      hairpins: null,
      nativeTarget: '2a00:1450::1',
      native: null,
      otherNativeTarget: '2a00:1450::2',
      otherNative: null,
      throughOtherServer: null,
      largePackets: null,
      largestPacket: null,
      firewall: 'guards',
      names: 'ipv4-first',
      limits: [],
      conclusion: 'A client gets no Teredo address here.',
      exitStatus: 4,
    });
  });
});

describe('a silent native host or server', () => {
  const withoutSecret = loadConfiguration('client', {
    config: '/dev/null',
    values: new Map<string, { value: unknown; source: 'flag' }>([
      ['server', { value: ['8.8.8.8', '8.8.4.4', '9.9.9.9'], source: 'flag' }],
      ['bind-address', { value: '192.168.1.5', source: 'flag' }],
    ]),
  }) as ClientConfiguration;
  const options = { lifetimeLimitSeconds: 60, nativeTarget, otherNativeTarget, symmetricNatSupport: true };
  const secure = { clientIdentifier: new Uint8Array(5), secret: new Uint8Array(16), algorithm: 'hmac-sha1' } as const;
  const withSecret = { ...withoutSecret, engine: { ...withoutSecret.engine, secure } };
  const asked: string[] = [];

  /** Diagnoses where each server finds what is given. */
  const diagnosed = (...found: readonly Findings[]) => diagnosedBy(withoutSecret, found);

  async function diagnosedBy(configuration: ClientConfiguration, found: readonly Findings[], inUse?: number) {
    asked.splice(0);
    const answers: unknown[] = [];
    const observer = {
      resolved: () => undefined,
      stageDone: () => undefined,
      skipped: () => undefined,
      otherServerAsked: (_: unknown, answer: unknown) => void answers.push(answer),
    };
    const diagnosis = await diagnose(
      configuration,
      { ...options, time: hostTime, inUse },
      observer,
      async (request) => {
        const { server: each, options: seen } = request;
        asked.push(`${each.name} ${seen.lifetimeLimitSeconds} ${seen.otherNativeTarget === undefined}`);
        const its = found[asked.length - 1]!;
        return { findings: its, verdict: verdictOf(its), refusal: undefined };
      },
    );
    return { ...diagnosis, answers };
  }

  it('may be a server that requires the secret of this client, which a diagnosis does not send', async () => {
    const { nat, meaning, advice } = (await diagnosedBy(withSecret, [blocked])).verdict;
    expect(nat).toBe('blocked');
    expect(meaning).toMatch(
      /^No answer came: a diagnosis sends no secret, so a server that requires one is silent\. Or /,
    );
    expect(advice).toContain('"teredo-client status"');
    for (const diagnosis of [await diagnosed(blocked), await diagnosedBy(withSecret, [half])]) {
      expect(diagnosis.verdict.meaning).not.toContain('secret');
    }
  });

  it('[CL-N-16] is asked through the next server, which tells whether the first one has IPv6', async () => {
    const silent = findings({ native: 'silent', otherNative: 'silent', survivedSeconds: 60 });
    const diagnosis = await diagnosed(silent, findings({ native: 'answers' }));
    expect(asked).toEqual(['8.8.8.8 60 false', '8.8.4.4 0 true']);
    expect(diagnosis.findings).toEqual({ ...silent, throughOtherServer: 'answers' });
    expect(diagnosis.verdict).toMatchObject({ limits: ['native-silent'] });
    expect(diagnosis.verdict.meaning).toContain('this server has no IPv6');
    expect(diagnosis.answers).toEqual(['answers']);
    expect(diagnosis.server.name).toBe('8.8.8.8');
  });

  it('is asked through the server that the running client uses, and then through another', async () => {
    const silent = findings({ native: 'silent' });
    const diagnosis = await diagnosedBy(withoutSecret, [silent, silent], parseIpv4('8.8.4.4')!);
    expect(asked).toEqual(['8.8.4.4 60 false', '8.8.8.8 0 true']);
    expect(diagnosis).toMatchObject({ server: { name: '8.8.4.4' }, isInUse: true });
    const elsewhere = await diagnosedBy(withoutSecret, [restricted], parseIpv4('1.1.1.1')!);
    expect(elsewhere).toMatchObject({ server: { name: '8.8.8.8' }, isInUse: false });
  });

  it.each([
    findings({ native: 'answers' }),
    findings({ native: 'unknown' }),
    findings({ native: 'silent', otherNative: 'answers' }),
    findings({ native: 'silent', otherNative: 'relay-only' }),
    findings({}),
  ])('[CL-N-16] is not asked through another server without need: %#', async (found) => {
    const diagnosis = await diagnosed(found);
    expect(asked).toHaveLength(1);
    expect(diagnosis.findings).toEqual(found);
    expect(diagnosis.answers).toEqual([]);
  });
});
