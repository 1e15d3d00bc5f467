import { endpointText, formatIpv4, formatIpv6 } from '@navalis/address';
import type { EngineEvent } from '@navalis/engine';
import type { ControlEvent } from '@navalis/life';
import type { HostEvent } from './host-event.ts';

/** Returns the event for other programs; undefined for one that concerns the log only. */
export function hostEventOf(event: EngineEvent | ControlEvent): HostEvent | undefined {
  switch (event.kind) {
    case 'address-assigned': {
      const { address, server, mapped, nat, mtu } = event;
      return {
        event: 'address-assigned',
        address: formatIpv6(address),
        server: formatIpv4(server),
        mapped: endpointText(mapped),
        nat,
        mtu,
      };
    }
    case 'address-lost':
      return { event: 'address-lost', address: formatIpv6(event.address) };
    case 'off-line':
      return { event: 'off-line', reason: event.reason, server: formatIpv4(event.server) };
    case 'disabled': {
      const { reason, evidence } = event;
      return { event: 'disabled', reason, ...(evidence !== undefined && { evidence }) };
    }
    case 'enabled':
      return { event: 'enabled', reason: event.reason };
    case 'wanted':
      return { event: 'enabled', reason: 'idle' };
    case 'server-back':
    case 'server-replaced':
      return { event: 'server-changed', server: formatIpv4(event.server), before: formatIpv4(event.instead) };
    case 'server-moved': {
      const { name, servers, before } = event;
      return { event: 'server-moved', name, servers: servers.map(formatIpv4), before: before.map(formatIpv4) };
    }
    case 'turn-allocated': {
      const { server, transport, relayed } = event;
      return { event: 'turn-in-use', server: endpointText(server), transport, relayed: endpointText(relayed) };
    }
    case 'turn-lost': {
      const { server, transport, reason } = event;
      return { event: 'turn-lost', server: endpointText(server), transport, reason };
    }
    case 'native-hosts-fail':
    case 'native-hosts-answer':
      return { event: event.kind };
    default:
      return undefined;
  }
}
