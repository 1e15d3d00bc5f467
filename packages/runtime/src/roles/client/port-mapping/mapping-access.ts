import type { Ipv4Value } from '@navalis/address';
import type { MappingStore, PortMapper, PortMapperParts } from '@navalis/port-mapping';
import { freeUdpPort } from '../../../host/routes/free-port.ts';

/** The part of a mapper that a client uses. */
export type ClientMapper = Pick<PortMapper, 'follow' | 'look' | 'settled' | 'close' | 'mapping' | 'drops'>;

/** How a client asks its router for a mapping. */
export interface MappingAccess {
  /** Creates a mapper whose memory is in a store. */
  readonly openMapper: (store: MappingStore, parts: Omit<PortMapperParts, 'memory'>) => Promise<ClientMapper>;
  /** Returns a UDP port that is free at an address: the preferred one if it is. */
  readonly freePort: (address: Ipv4Value, preferred: number) => Promise<number>;
}

/** The access of this machine. The package is loaded when it is first needed: no program without a mapping waits for it. */
export const hostMapping: MappingAccess = {
  async openMapper(store, parts) {
    const { MappingMemory, PortMapper } = await import('@navalis/port-mapping');
    return new PortMapper({ ...parts, memory: new MappingMemory(store) });
  },
  freePort: freeUdpPort,
};
