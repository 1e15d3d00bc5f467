import { parseIpv4 } from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNatPmpAnswer, writeNatPmpAddressRequest, writeNatPmpMapRequest } from '../src/codec/nat-pmp.ts';
import { readPcpAnswer, writePcpAnnounceRequest, writePcpMapRequest } from '../src/codec/pcp.ts';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const mapped = (address: string): string => `00000000000000000000ffff${address}`;
const nonce = '0102030405060708090a0b0c';

describe('PCP', () => {
  it('[HP-02] writes a MAP request as RFC 6887 sections 7.1 and 11.1 draw it', () => {
    const request = writePcpMapRequest({
      client: parseIpv4('192.168.1.100')!,
      nonce: octets(nonce),
      internalPort: 40_000,
      suggested: { address: 0, port: 40_000 },
      lifetimeSeconds: 7_200,
    });
    const header = `02010000 00001c20 ${mapped('c0a80164')}`;
    const body = `${nonce} 11000000 9c40 9c40 ${mapped('00000000')}`;
    expect(hex(request)).toBe(`${header}${body}`.replaceAll(' ', ''));
  });

  it('writes an ANNOUNCE request of a header alone', () => {
    const request = writePcpAnnounceRequest(parseIpv4('192.168.1.100')!);
    expect(hex(request)).toBe(`0200000000000000${mapped('c0a80164')}`);
  });

  const answer = `02810000 00000e10 00000064 000000000000000000000000 ${nonce} 11000000 9c40 9c41 ${mapped('cb007107')}`;

  it('reads an answer to a MAP request', () => {
    expect(readPcpAnswer(octets(answer))).toEqual({
      kind: 'mapped',
      nonce: octets(nonce),
      internalPort: 40_000,
      external: { address: parseIpv4('203.0.113.7'), port: 40_001 },
      lifetimeSeconds: 3_600,
      epochSeconds: 100,
    });
  });

  it('reads an answer behind which options follow', () => {
    expect(readPcpAnswer(octets(`${answer}03000004deadbeef`))).toMatchObject({ kind: 'mapped', epochSeconds: 100 });
  });

  it('reads announcements, refusals, and the answers of routers that know another version only', () => {
    const rest = '00000000 00000064 000000000000000000000000';
    expect(readPcpAnswer(octets(`02800000${rest}`))).toEqual({ kind: 'announcement', epochSeconds: 100 });
    expect(readPcpAnswer(octets(`02810002${rest}`))).toEqual({
      kind: 'refusal',
      result: 2,
      nonce: undefined,
      lifetimeSeconds: 0,
      epochSeconds: 100,
    });
    expect(readPcpAnswer(octets(answer.replace('02810000', '02810008')))).toMatchObject({
      kind: 'refusal',
      result: 8,
      nonce: octets(nonce),
    });
    expect(readPcpAnswer(octets('00810001 00000064'))).toEqual({ kind: 'other-version' });
    expect(readPcpAnswer(octets(`02810001${rest}`))).toEqual({ kind: 'other-version' });
    expect(readPcpAnswer(octets('01810000'))).toEqual({ kind: 'other-version' });
  });

  it.each([
    ['a request', answer.replace('02810000', '02010000'), 'mapping-malformed'],
    ['another opcode', answer.replace('02810000', '02820000'), 'mapping-not-asked'],
    ['a mapping of TCP', answer.replace('11000000', '06000000'), 'mapping-not-asked'],
    ['an IPv6 address', answer.replace('0000ffffcb007107', '00000000cb007107'), 'mapping-not-asked'],
    ['nothing', '', 'mapping-malformed'],
    ['half a word more', `${answer}0300`, 'mapping-malformed'],
    ['a header alone', answer.replaceAll(' ', '').slice(0, 48), 'mapping-malformed'],
    ['more than 1100 octets', `${answer}${'00'.repeat(1044)}`, 'mapping-malformed'],
  ])('[UPNP-18] refuses %s', (_, text, reason) => {
    expect(readPcpAnswer(octets(text))).toBe(reason);
  });

  it('[UPNP-18] reads any octets without an exception', () => {
    const start = fc.constantFrom(...['02810000', '02800000', '00810001', answer].map(octets));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 80 }), fc.nat(80), (first, more, cut) => {
        const found = readPcpAnswer(Uint8Array.from([...first, ...more]).subarray(0, cut));
        expect(typeof found === 'string' ? ['mapping-malformed', 'mapping-not-asked'] : [found]).toContain(found);
      }),
    );
  });

  it('[UPNP-18] reads what a router answers to any request', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const port = fc.nat(0xffff);
    fc.assert(
      fc.property(
        word,
        port,
        port,
        word,
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        (client, internalPort, external, lifetimeSeconds, ownNonce) => {
          const suggested = { address: client, port: external };
          const bytes = writePcpMapRequest({ client, nonce: ownNonce, internalPort, suggested, lifetimeSeconds });
          bytes[1]! |= 0x80;
          bytes.fill(0, 8, 24);
          expect(readPcpAnswer(bytes)).toEqual({
            kind: 'mapped',
            nonce: ownNonce,
            internalPort,
            external: suggested,
            lifetimeSeconds,
            epochSeconds: 0,
          });
        },
      ),
    );
  });
});

describe('NAT-PMP', () => {
  it('[HP-02] writes requests as RFC 6886 sections 3.2 and 3.3 draw them', () => {
    expect(hex(writeNatPmpAddressRequest())).toBe('0000');
    const request = { internalPort: 40_000, suggestedPort: 40_001, lifetimeSeconds: 7_200 };
    expect(hex(writeNatPmpMapRequest(request))).toBe('000100009c409c4100001c20');
  });

  it('reads answers', () => {
    expect(readNatPmpAnswer(octets('00800000 00000064 cb007107'))).toEqual({
      kind: 'address',
      address: parseIpv4('203.0.113.7'),
      epochSeconds: 100,
    });
    expect(readNatPmpAnswer(octets('00810000 00000064 9c40 9c41 00000e10'))).toEqual({
      kind: 'mapped',
      internalPort: 40_000,
      externalPort: 40_001,
      lifetimeSeconds: 3_600,
      epochSeconds: 100,
    });
    expect(readNatPmpAnswer(octets('00810002 00000064'))).toEqual({
      kind: 'refusal',
      about: 'mapping',
      result: 2,
      epochSeconds: 100,
    });
    expect(readNatPmpAnswer(octets('00800003 00000064 00000000'))).toMatchObject({ kind: 'refusal', about: 'address' });
  });

  it.each([
    ['a request', '00010000 00000064 9c40 9c41 00000e10', 'mapping-malformed'],
    ['another version', '02810000 00000064 9c40 9c41 00000e10', 'mapping-malformed'],
    ['an answer about TCP', '00820000 00000064 9c40 9c41 00000e10', 'mapping-not-asked'],
    ['an answer that is cut off', '00810000 00000064 9c40 9c41 0000', 'mapping-malformed'],
    ['an address that is cut off', '00800000 00000064 cb00', 'mapping-malformed'],
    ['more than an answer', '00810000 00000064 9c40 9c41 00000e10 00', 'mapping-malformed'],
  ])('[UPNP-18] refuses %s', (_, text, reason) => {
    expect(readNatPmpAnswer(octets(text))).toBe(reason);
  });

  it('[UPNP-18] reads any octets without an exception', () => {
    const start = fc.constantFrom(...['00810000', '00800000', '008000ff', ''].map(octets));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 20 }), (first, more) => {
        const found = readNatPmpAnswer(Uint8Array.from([...first, ...more]));
        expect(typeof found === 'string' ? ['mapping-malformed', 'mapping-not-asked'] : [found]).toContain(found);
      }),
    );
  });
});
