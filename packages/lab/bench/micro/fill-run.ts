import type { Ipv6Value } from '@navalis/address';
import { type PacketRun, pointRunAt } from '@navalis/engine';
import { ipv6HeaderLength, writeIpv6Header } from '@navalis/wire';

/** The packets of a run: how many, how long, and between whom. */
export interface RunOfPackets {
  readonly count: number;
  readonly octets: number;
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
}

/** Writes UDP packets into the run's memory, one after the other, and makes the run consist of them. */
export function fillRun(run: PacketRun, { count, octets, source, destination }: RunOfPackets): void {
  const header = { payloadLength: octets - ipv6HeaderLength, nextHeader: 17, hopLimit: 64, source, destination };
  for (let packet = 0; packet < count; packet++) writeIpv6Header(run.memory, packet * octets, header);
  pointRunAt(run, 0, octets);
  run.count = count;
  run.headerStride = octets;
}
