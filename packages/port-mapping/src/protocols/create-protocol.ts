import type { Gateway, NetworkParts } from '../network/network.ts';
import { NatPmpProtocol } from './nat-pmp-protocol.ts';
import { PcpProtocol } from './pcp-protocol.ts';
import type { MappingProtocol, RouterProtocol } from './router-protocol.ts';
import { UpnpProtocol } from './upnp-protocol.ts';

/** Creates one protocol towards a router; `nonce` is that of mappings by PCP. */
export function createProtocol(
  protocol: MappingProtocol,
  gateway: Gateway,
  nonce: Uint8Array,
  network: NetworkParts,
): RouterProtocol {
  switch (protocol) {
    case 'pcp':
      return new PcpProtocol(gateway, nonce, network);
    case 'nat-pmp':
      return new NatPmpProtocol(gateway, network);
    case 'upnp':
      return new UpnpProtocol(gateway, network);
  }
}
