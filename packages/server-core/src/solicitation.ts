import { embeddedFlags, type Ipv4Value, type Ipv6Value, serverLinkLocal, teredoFlags } from '@navalis/address';
import { defaultLinkMtu, nonceLength, writeNonceAuthentication } from '@navalis/wire';
import { RouterAdvertisementTemplate, writeOriginIndication } from '@navalis/wire/server';
import type { ReceivedPacket } from './acceptance.ts';
import type { VerifiedKey } from './client-keys.ts';
import { autonomousFlag, clientPrefixLength, infiniteLifetime, retransmissionTimerMs } from './constants.ts';

/** Builds answers to router solicitations (RFC 4380 section 5.3.2). */
export class SolicitationAnswerer {
  readonly #advertisement: RouterAdvertisementTemplate;
  readonly #nonce = new Uint8Array(nonceLength);

  constructor(primary: Ipv4Value, servicePrefix: number) {
    const prefix = {
      prefix: { word0: servicePrefix, word1: primary, word2: 0, word3: 0 },
      length: clientPrefixLength,
      flags: autonomousFlag,
      validLifetime: infiniteLifetime,
      preferredLifetime: infiniteLifetime,
    };
    this.#advertisement = new RouterAdvertisementTemplate({
      source: serverLinkLocal(primary),
      prefixes: [prefix],
      retransmissionTimerMs,
      mtu: defaultLinkMtu,
    });
  }

  /** Returns true if the solicitation asks for an answer from the server's other address (SV-A-06, R5-08). */
  wantsOtherAddress(source: Ipv6Value): boolean {
    return (embeddedFlags(source) & teredoFlags.cone) !== 0;
  }

  /**
   * Writes the answer to the solicitation at the start of `target` and returns its length in octets:
   * Authentication (its nonce echoed, SV-A-13; absent where the solicitation had none, SV-A-14), Origin, advertisement.
   * With the `key` of the solicitation the Authentication covers the answer.
   */
  write(packet: ReceivedPacket, key: VerifiedKey | undefined, target: Uint8Array): number {
    const { layout, source, outerAddress, outerPort } = packet;
    let length = layout.authenticationOffset < 0 ? 0 : this.#writeAuthentication(packet, key, target);
    length += writeOriginIndication(target, length, outerAddress, outerPort);
    length += this.#advertisement.write(target, length, source);
    key?.authenticator.finish(target, 0, length);
    return length;
  }

  #writeAuthentication({ bytes, layout }: ReceivedPacket, key: VerifiedKey | undefined, target: Uint8Array): number {
    if (key === undefined) return writeNonceAuthentication(target, 0, bytes, layout.nonceOffset);
    for (let i = 0; i < nonceLength; i++) this.#nonce[i] = bytes[layout.nonceOffset + i]!;
    return key.authenticator.begin(target, 0, this.#nonce, key.shouldRenew ? 1 : 0);
  }
}
