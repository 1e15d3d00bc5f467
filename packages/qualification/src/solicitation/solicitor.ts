import { buildTeredoLinkLocal, type Ipv4Endpoint, type Ipv4Value, type Ipv6Value, teredoPort } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DatagramRun,
  type DropReason,
  type PacketRun,
  type PortId,
  pointRunAt,
  type RandomSource,
} from '@navalis/engine';
import {
  type DatagramLayout,
  defaultLinkMtu,
  MessageAuthenticator,
  writeNonceAuthentication,
  writeRouterSolicitation,
} from '@navalis/wire';
import { servicePrefixOf } from '../address/address-maker.ts';
import { drawFlags } from '../address/draw-flags.ts';
import type { QualificationOptions, QualificationOutputs, TeredoServer } from '../options.ts';
import { judgeAdvertisement, type KnownNonces, type Learned } from './advertisement.ts';
import { OutstandingNonces } from './outstanding-nonces.ts';

/** The memory of one solicitation, which leaves at once: all engines of a thread share it. */
const solicitation: PacketRun = createPacketRun(new Uint8Array(512));

/** The server that is expected to answer, and the nonces. */
export interface Solicited {
  readonly server: TeredoServer;
  /** The server's address that answers. */
  readonly respondent: Ipv4Value;
  readonly nonces: KnownNonces;
}

/**
 * Sends router solicitations and judges the advertisements that come back: from which link-local address, with which cone
 * bit, under which secret.
 */
export class Solicitor {
  /** Nonces of solicitations to the server in use. */
  readonly nonces: OutstandingNonces = new OutstandingNonces();
  readonly #options: QualificationOptions;
  readonly #outputs: QualificationOutputs;
  readonly #counters: Counters;
  readonly #random: RandomSource;
  readonly #authenticator: MessageAuthenticator | undefined;
  /** Servers whose request for another secret was reported. */
  #renewalReported: Set<Ipv4Value> | undefined;
  /** The flags and the local endpoint of the phase make up the link-local address. */
  #flags = 0;
  #local: Ipv4Endpoint;
  #cone = 0;

  constructor(options: QualificationOptions, outputs: QualificationOutputs, counters: Counters, random: RandomSource) {
    this.#options = options;
    this.#outputs = outputs;
    this.#counters = counters;
    this.#random = random;
    this.#authenticator = options.secure && new MessageAuthenticator(options.secure);
    this.#local = options.local;
  }

  /** The link-local address that solicitations come from and advertisements must go to. */
  get linkLocal(): Ipv6Value {
    return buildTeredoLinkLocal(this.#flags, this.#local);
  }

  /** The cone bit of the phase, and while qualified the one that earned the address. */
  get cone(): number {
    return this.#cone;
  }

  get isAuthenticated(): boolean {
    return this.#authenticator !== undefined;
  }

  /** Draws the link-local address of a phase, with this cone bit. Answers to earlier phases no longer count. */
  beginPhase(cone: number, local: Ipv4Endpoint): void {
    this.#cone = cone;
    this.nonces.clear();
    this.#flags = drawFlags(this.#options, this.#random) | cone;
    this.#local = local;
  }

  /** Solicits one of the addresses of the server in use. */
  solicit(destination: Ipv4Value): void {
    this.send(destination, this.nonces.draw(this.#random));
  }

  /**
   * Sends one solicitation: an Authentication element, with a nonce alone unless there is a secret, and the packet. From the service
   * port by default.
   */
  send(destination: Ipv4Value, nonce: Uint8Array, from?: PortId): void {
    const { memory } = solicitation;
    const authenticator = this.#authenticator;
    const packetOffset = authenticator?.begin(memory, 0, nonce, 0) ?? writeNonceAuthentication(memory, 0, nonce);
    const length = packetOffset + writeRouterSolicitation(memory, packetOffset, this.linkLocal);
    authenticator?.finish(memory, 0, length);
    pointRunAt(solicitation, 0, length);
    this.#counters.solicitationsSent++;
    this.#outputs.sendDatagrams(solicitation, destination, teredoPort, from);
  }

  /**
   * Returns the address that answers a solicitation to the primary address: with the cone bit set the secondary one, whose
   * answer only a cone NAT lets in. An answer from the primary address would show nothing.
   */
  respondentOf(server: TeredoServer): Ipv4Value {
    return this.#cone === 0 ? server.primary : server.secondary;
  }

  /** Returns the content of an advertisement, or the reason to drop it. */
  judge(run: DatagramRun, layout: DatagramLayout, { server, respondent, nonces }: Solicited): Learned | DropReason {
    const judged = judgeAdvertisement(run, layout, {
      respondent,
      linkLocal: this.linkLocal,
      nonces,
      authenticator: this.#authenticator,
      servicePrefix: servicePrefixOf(this.#options),
      primary: server.primary,
      maximumMtu: this.#options.maximumMtu ?? defaultLinkMtu,
    });
    if (typeof judged !== 'string' && judged.renewKey && this.#renewalReported?.has(server.primary) !== true) {
      this.#renewalReported ??= new Set();
      this.#renewalReported.add(server.primary);
      this.#outputs.report({ kind: 'renew-key', server: server.primary });
    }
    return judged;
  }

  /** Forgets what was reported about servers that are no longer in the list. */
  keepOnly(servers: readonly TeredoServer[]): void {
    this.#renewalReported?.forEach((primary, _, reported) => {
      if (!servers.some((each) => each.primary === primary)) reported.delete(primary);
    });
  }
}
