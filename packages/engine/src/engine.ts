import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from './milliseconds.ts';
import type { EngineEvent } from './reports/events.ts';
import type { DatagramRun, OpenedPort, PacketRun, PortId, PortRefusal, PortRequest } from './runs.ts';

/**
 * A role's protocol machine: synchronous, with time and randomness as arguments. It never throws on what it receives;
 * it drops and counts.
 */
export interface Engine {
  /** UDP payloads that arrived from one IPv4 endpoint. */
  handleDatagrams(run: DatagramRun, now: Milliseconds): void;
  /** IPv6 packets that the host sent into the tunnel interface. */
  handlePackets(run: PacketRun, now: Milliseconds): void;
  /** The clock reached `nextDeadline()`; calls before it or long after it do no harm. */
  handleDeadline(now: Milliseconds): void;
  /** Returns the time of the next call of `handleDeadline`; Infinity when idle. */
  nextDeadline(): Milliseconds;
}

/** Where an engine's results go; given at construction. Runs passed to it are valid during the call only. */
export interface EngineOutputs {
  /** Sends each packet of the run as one UDP payload, from the service port by default. */
  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from?: PortId): void;
  /**
   * Opens one more port, or says why not; never throws. May be called at any time, also while a run is handled; the engine
   * gets its first datagrams in the next turn.
   */
  openPort(request: PortRequest): OpenedPort | PortRefusal;
  /**
   * Closes a port: nothing more arrives from it, not even datagrams that wait there. Datagrams sent before still leave. May be called
   * at any time, also while a run of that port is handled; closing twice does no harm.
   */
  closePort(id: PortId): void;
  /** Hands IPv6 packets to the host: into the tunnel interface, or for a server to IPv6 routing. */
  deliverPackets(run: PacketRun): void;
  /** Something a person or the control plane wants to know. Never called per packet. */
  report(event: EngineEvent): void;
}

/** Fills arrays with unpredictable octets; bound to the platform's cryptographic generator (R5-03, SEC-25). */
export interface RandomSource {
  fill(target: Uint8Array): void;
}
