import { LabError } from '../../src/lab-error.ts';
import { Laboratory } from '../../src/laboratory.ts';
import { serverAddress } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { makeCertificate, startCoturn, type TurnFlags, turnFlags } from '../../src/programs/coturn.ts';
import { launch, type NavalisClient, startClient, startServer } from '../../src/programs/navalis.ts';
import type { PairOutcome } from './exchange.ts';

/** The first silence of the Teredo server, a second one, and an allocation. */
const fallbackWithinMs = 90_000;

const mappedWithinMs = 20_000;

/** Names a file with certificates that Node trusts. */
const certificatesVariable = 'NODE_EXTRA_CA_CERTS';

/** A laboratory with a Teredo server, and a TURN server when one is needed. */
export class NatScene {
  readonly laboratory: Laboratory = new Laboratory();
  readonly internet: Internet = new Internet(this.laboratory);
  #hasTurn = false;

  /** Tries a pair in a new scene, and removes the scene. A fault is an outcome: the other pairs are tried, too. */
  static async try(
    pair: Omit<PairOutcome, 'measured'>,
    act: (scene: NatScene) => Promise<readonly PairOutcome[]>,
  ): Promise<readonly PairOutcome[]> {
    const scene = new NatScene();
    const outcomes: PairOutcome[] = [];
    try {
      await startServer(scene.laboratory, scene.internet.serverHost());
      outcomes.push(...(await act(scene)));
    } catch (error) {
      outcomes.push(faulty(pair, error));
    }
    try {
      await scene.laboratory.close();
    } catch (error) {
      outcomes.push(faulty(pair, error));
    }
    delete process.env[certificatesVariable];
    return outcomes;
  }

  client(host: Namespace, flags: readonly string[] = []): Promise<NavalisClient> {
    return startClient(this.laboratory, host, flags);
  }

  /** A client that the Teredo server does not hear, and that has an address only later. */
  async silentClient(host: Namespace, flags: readonly string[]): Promise<NavalisClient> {
    const client = launch(this.laboratory, host, 'client', { flags: ['--server', serverAddress, ...flags] });
    await client.program.line(/Using TURN server/, fallbackWithinMs);
    return { ...client, address: '', addressAfterMs: 0 };
  }

  /** Starts coturn once, for UDP, TCP and TLS. */
  async startTurn(): Promise<void> {
    if (this.#hasTurn) return;
    this.#hasTurn = true;
    const host = this.internet.turnHost();
    const { certificate, key } = makeCertificate(this.laboratory, host);
    // For the clients that are started later.
    process.env[certificatesVariable] = certificate;
    await startCoturn(this.laboratory, host, { flags: ['--cert', certificate, '--pkey', key] });
  }

  turnFlags(flags: TurnFlags): readonly string[] {
    return turnFlags(this.laboratory, flags);
  }

  /** Waits until a client that is to fall back has an address of the TURN server, and returns it with that address. */
  async fallenBack(client: NavalisClient): Promise<NavalisClient> {
    const address = async () => {
      const { state, turn, address } = await client.status();
      return (state === 'qualified' && turn?.relayed !== undefined && address) || undefined;
    };
    return { ...client, address: await client.program.until('a relayed address', address, fallbackWithinMs, 500) };
  }

  /** Waits for the mapping that the client's router makes, and returns the protocol. */
  mappingProtocol(client: NavalisClient): Promise<string> {
    const protocol = async () => (await client.status()).portMapping?.protocol;
    return client.program.until('a port mapping', protocol, mappedWithinMs, 200);
  }
}

/** Returns the outcome of a pair with a fault of a program or of the transfer. @throws what is none. */
function faulty(pair: Omit<PairOutcome, 'measured'>, error: unknown): PairOutcome {
  if (!(error instanceof LabError)) throw error;
  return { ...pair, measured: undefined, fault: error.message.split('\n', 1)[0]! };
}
