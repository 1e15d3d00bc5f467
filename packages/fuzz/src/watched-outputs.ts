import type { Ipv4Value } from '@navalis/address';
import type {
  EngineEvent,
  EngineOutputs,
  OpenedPort,
  PacketRun,
  PortId,
  PortRefusal,
  PortRequest,
} from '@navalis/engine';

/** Octets of IPv4 and UDP headers that each datagram has on the wire. */
const outerHeaderOctets = 28;
const mostPorts = 4;
const firstOpenedPort = 50_000;

/** Outputs that count what one input caused, and pass each delivered packet to a checker. */
export class WatchedOutputs implements EngineOutputs {
  datagrams = 0;
  /** On the wire, with IPv4 and UDP headers. */
  datagramOctets = 0;
  packets = 0;
  events: EngineEvent[] = [];
  /** The ports that are open. */
  ports: PortId[];
  judgeDelivery: (run: PacketRun) => void = () => undefined;
  judgeDatagram: (run: PacketRun, address: Ipv4Value, port: number) => void = () => undefined;

  /** `ports` are open from the start. */
  constructor(...ports: readonly PortId[]) {
    this.ports = [...ports];
  }

  reset(): void {
    this.datagrams = 0;
    this.datagramOctets = 0;
    this.packets = 0;
    this.events = [];
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number): void {
    this.datagrams += run.count;
    this.datagramOctets += (run.count - 1) * run.packetLength + run.lastPacketLength + run.count * outerHeaderOctets;
    this.judgeDatagram(run, address, port);
  }

  openPort({ like }: PortRequest): OpenedPort | PortRefusal {
    if (!this.ports.includes(like)) return 'address-gone';
    if (this.ports.length >= mostPorts) return 'table-full';
    let id = 0;
    while (this.ports.includes(id)) id++;
    this.ports.push(id);
    return { id, address: 0, port: firstOpenedPort + id };
  }

  closePort(id: PortId): void {
    this.ports = this.ports.filter((each) => each !== id);
  }

  deliverPackets(run: PacketRun): void {
    this.packets += run.count;
    this.judgeDelivery(run);
  }

  report(event: EngineEvent): void {
    this.events.push(event);
  }
}
