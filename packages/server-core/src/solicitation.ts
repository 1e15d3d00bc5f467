import { embeddedFlags, type Ipv4Value, type Ipv6Value, serverLinkLocal, teredoFlags } from '@navalis/address';
import { defaultLinkMtu, nonceLength, type PrefixInformation, writeNonceAuthentication } from '@navalis/wire';
import { writeOriginIndication, writeRouterAdvertisement } from '@navalis/wire/server';
import type { ReceivedPacket } from './acceptance.ts';
import type { VerifiedKey } from './client-keys.ts';
import { autonomousFlag, clientPrefixLength, infiniteLifetime, retransmissionTimerMs } from './constants.ts';

/** Builds answers to router solicitations (RFC 4380 section 5.3.2). */
export class SolicitationAnswerer {
  readonly #linkLocal: Ipv6Value;
  readonly #prefix: PrefixInformation;
  readonly #nonce = new Uint8Array(nonceLength);

  constructor(primary: Ipv4Value, servicePrefix: number) {
    this.#linkLocal = serverLinkLocal(primary);
    this.#prefix = {
      prefix: { word0: servicePrefix, word1: primary, word2: 0, word3: 0 },
      length: clientPrefixLength,
      flags: autonomousFlag,
      validLifetime: infiniteLifetime,
      preferredLifetime: infiniteLifetime,
    };
  }

  /** Whether the solicitation asks for an answer from the server's other address (SV-A-06, R5-08). */
  wantsOtherAddress(source: Ipv6Value): boolean {
    return (embeddedFlags(source) & teredoFlags.cone) !== 0;
  }

  /**
   * Writes the answer to the solicitation at the start of `target` and returns its length in octets:
   * Authentication (its nonce echoed, SV-A-13; absent where the solicitation had none, SV-A-14), Origin, advertisement.
   * With the `key` of the solicitation the Authentication covers the answer.
   */
  write(packet: ReceivedPacket, key: VerifiedKey | undefined, target: Uint8Array): number {
    const { bytes, layout, source, outerAddress, outerPort } = packet;
    let length = 0;
    if (layout.authenticationOffset >= 0) {
      for (let i = 0; i < nonceLength; i++) this.#nonce[i] = bytes[layout.nonceOffset + i]!;
      length +=
        key?.authenticator.begin(target, 0, this.#nonce, key.shouldRenew ? 1 : 0) ??
        writeNonceAuthentication(target, 0, this.#nonce);
    }
    length += writeOriginIndication(target, length, outerAddress, outerPort);
    length += writeRouterAdvertisement(target, length, {
      source: this.#linkLocal,
      destination: source,
      prefixes: [this.#prefix],
      retransmissionTimerMs,
      mtu: defaultLinkMtu,
    });
    key?.authenticator.finish(target, 0, length);
    return length;
  }
}
