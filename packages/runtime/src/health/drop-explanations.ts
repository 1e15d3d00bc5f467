import type { DeviceDropReason } from '@navalis/netio';
import { type DropExplanation, dropExplanations as ofEngines } from '@navalis/telemetry';
import type { ProgramDropReason } from '../worker/messages.ts';

const ofDevices: Readonly<Record<DeviceDropReason, DropExplanation>> = {
  'send-buffer-full': {
    places: ['sending'],
    meaning: 'The send buffer of the kernel is full.',
    cure: 'Raise "sysctl net.core.wmem_max", or give the network interface more bandwidth.',
  },
  'send-failed': {
    places: ['sending'],
    meaning: 'The kernel refuses to send.',
    cure: 'Look at "ip route", "ip rule" and the firewall rules for output.',
  },
  'tunnel-read-malformed': {
    places: ['host'],
    meaning: 'The kernel hands over malformed packets.',
    cure: 'Set offload = "off".',
  },
  'tunnel-write-failed': {
    places: ['delivery'],
    meaning: 'The kernel accepts no packets from the tunnel interface.',
    cure: 'Look at "ip link" for the interface and at the free memory of this host.',
  },
};

/** The meaning of each drop reason of a program for an operator: those of its engine and of its devices. */
export const dropExplanations: Readonly<Record<ProgramDropReason, DropExplanation>> = { ...ofEngines, ...ofDevices };

export const dropReasonNames: readonly ProgramDropReason[] = Object.keys(dropExplanations) as ProgramDropReason[];
