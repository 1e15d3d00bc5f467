import type { Role } from '@navalis/config';
import type { DropReason } from '@navalis/engine';
import type { DeviceDropReason } from '@navalis/netio';
import type { MappingDropReason } from '@navalis/port-mapping';
import {
  type DropExplanation,
  type DropRole,
  dropRoles,
  dropExplanationsOf as dropsOfEngines,
  dropExplanations as ofEngines,
} from '@navalis/telemetry';
import type { StreamDropReason } from '../roles/client/turn/stream-drops.ts';
import type { ProgramDropReason } from '../worker/messages.ts';

const ofDevices: Readonly<Record<DeviceDropReason, DropExplanation>> = {
  'send-buffer-full': {
    places: ['sending'],
    meaning: 'The send buffer of the kernel is full.',
    cause: 'The network interface is slower than the traffic.',
    cure: 'Raise "sysctl net.core.wmem_max", or give the network interface more bandwidth.',
  },
  'send-failed': {
    places: ['sending'],
    meaning: 'The kernel refuses to send.',
    cause: 'No route, a firewall rule that rejects output, or an interface that is down.',
    cure: 'Look at "ip route", "ip rule" and the firewall rules for output.',
  },
  'tunnel-read-malformed': {
    places: ['host'],
    meaning: 'The kernel hands over malformed packets.',
    cause: 'A defect in the offloads of the kernel or of a driver.',
    cure: 'Set offload = "off".',
  },
  'tunnel-write-failed': {
    places: ['delivery'],
    meaning: 'The kernel accepts no packets from the tunnel interface.',
    cause: 'The interface is down, or the kernel is out of memory.',
    cure: 'Look at "ip link" for the interface and at the free memory of this host.',
  },
};

const otherRouter = 'Update the router, or set port-mapping to a protocol that it speaks correctly, or to "off".';
const distrustLink =
  'Find the host on the link that sends them ("tcpdump udp port 5351 or udp port 1900"), or set port-mapping to "off".';
const router: DropExplanation['places'] = ['router'];

const ofMapping: Readonly<Record<MappingDropReason, DropExplanation>> = {
  'mapping-other-source': {
    places: router,
    meaning: 'A host other than the router answers a request for a port mapping.',
    cause: 'Several routers on the link, or an attack.',
    cure: distrustLink,
  },
  'mapping-malformed': {
    places: router,
    meaning: 'The router sends malformed answers of PCP, NAT-PMP or UPnP.',
    cause: 'A router with a defect.',
    cure: otherRouter,
  },
  'mapping-not-asked': {
    places: router,
    meaning: 'The router answers a request about a port mapping that this host did not send.',
    cause: 'Late answers, or another program of this host that asks too.',
    cure: 'No action is needed unless the port mapping is missing: such answers may be late, or meant for another program.',
  },
  'mapping-other-location': {
    places: router,
    meaning: 'The router names another host as the one that maps ports.',
    cause: 'A router with a defect, or an attack.',
    cure: distrustLink,
  },
  'mapping-redirect': {
    places: router,
    meaning: 'The router redirects a UPnP request, which is not followed.',
    cause: 'A router with a defect, or an attack.',
    cure: otherRouter,
  },
  'mapping-too-long': {
    places: router,
    meaning: 'The router sends more than 64 KiB in answer to a UPnP request.',
    cause: 'A router with a defect, or an attack.',
    cure: otherRouter,
  },
  'mapping-too-slow': {
    places: router,
    meaning: 'The router takes more than 2 s to send the answer to a UPnP request.',
    cause: 'A router under load, or an attack.',
    cure: otherRouter,
  },
  'mapping-too-many-answers': {
    places: router,
    meaning: 'More than 4096 answers arrive to one request for a port mapping.',
    cause: 'A host on the link that floods it.',
    cure: distrustLink,
  },
  'mapping-bad-address': {
    places: router,
    meaning: 'The router names an external address that no router can have.',
    cause: 'The router itself has no address on the Internet yet.',
    cure: otherRouter,
  },
};

const ofStreams: Readonly<Record<StreamDropReason, DropExplanation>> = {
  'turn-stream-full': {
    places: ['stream'],
    meaning: 'More than 1 MiB waits in the connection to the TURN server over TCP or TLS.',
    cause: 'The connection to the TURN server is slower than the traffic.',
    cure: 'Name the server over UDP first in the key turn, or give the path to it more bandwidth.',
  },
  'turn-stream-foreign': {
    places: ['stream'],
    meaning: 'Another program of this host sends to the port that this program uses for TURN over TCP or TLS.',
    cause: 'A program that sends to all ports of the host.',
    cure: 'Find the program that sends to UDP ports of 127.0.0.1 with "ss -aunp" or "tcpdump -i lo udp".',
  },
};

/** The meaning of each drop reason of a program for an operator: those of its engine, devices, port mapping and streams. */
export const dropExplanations: Readonly<Record<ProgramDropReason, DropExplanation>> = {
  ...ofEngines,
  ...ofDevices,
  ...ofMapping,
  ...ofStreams,
};

/** Returns the explanations for the program `teredo-<role>`: a reason can have another cure there. */
export function dropExplanationsOf(role: Role): typeof dropExplanations {
  return { ...dropExplanations, ...dropsOfEngines(role) };
}

export const dropReasonNames: readonly ProgramDropReason[] = Object.keys(dropExplanations) as ProgramDropReason[];

/** The engines that each role can run. */
const enginesOf: Readonly<Record<Role, readonly DropRole[]>> = {
  client: ['client'],
  server: ['server'],
  relay: ['relay'],
  'host-relay': ['relay', 'client'],
};

/** Returns the reasons for which a program of this role can drop something. */
export function dropReasonsOf(role: Role): readonly ProgramDropReason[] {
  const engines = enginesOf[role];
  return dropReasonNames.filter((reason) => {
    if (reason in dropRoles) return dropRoles[reason as DropReason].some((each) => engines.includes(each));
    if (reason in ofDevices) return role !== 'server' || dropExplanations[reason].places.includes('sending');
    return engines.includes('client');
  });
}
