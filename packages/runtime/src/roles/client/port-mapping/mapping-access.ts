import type { Ipv4Value } from '@navalis/address';
import type { MappingMemory, PortMapper, PortMapperParts } from '@navalis/port-mapping';
import { freeUdpPort } from '../../../host/routes/free-port.ts';

/** A mapper and its memory. */
export interface OpenMapper {
  readonly mapper: Pick<PortMapper, 'follow' | 'look' | 'settled' | 'close' | 'mapping' | 'drops'>;
  readonly memory: Pick<MappingMemory, 'port' | 'address' | 'setAddress' | 'path'>;
}

/** How a client asks its router for a mapping. */
export interface MappingAccess {
  /** Creates a mapper whose memory is the file at a path. */
  readonly openMapper: (path: string, parts: Omit<PortMapperParts, 'memory'>) => Promise<OpenMapper>;
  /** Returns a UDP port that is free at an address: the preferred one if it is. */
  readonly freePort: (address: Ipv4Value, preferred: number) => Promise<number>;
}

/** The access of this machine. The package is loaded when it is first needed: no program without a mapping waits for it. */
export const hostMapping: MappingAccess = {
  async openMapper(path, parts) {
    const { MappingMemory, PortMapper } = await import('@navalis/port-mapping');
    const memory = new MappingMemory(path);
    return { memory, mapper: new PortMapper({ ...parts, memory }) };
  },
  freePort: freeUdpPort,
};
