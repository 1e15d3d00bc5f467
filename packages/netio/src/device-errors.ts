import { formatIpv4, type Ipv4Value } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import type { DeviceError, DeviceErrorCode } from './device-error-code.ts';
import { describeErrno } from './kernel/errno.ts';

// The errors of the real devices and their fakes that cannot be opened, or are gone.

export function addressInUse(address: Ipv4Value, port: number): DeviceError {
  return new NavalisError('address-in-use', `UDP port ${port} on ${formatIpv4(address)} is in use by another program.`);
}

export function addressNotAvailable(address: Ipv4Value): DeviceError {
  const evidence = formatIpv4(address);
  const sentence = `${evidence} is not an address of this host: choose one that "ip -4 address" lists.`;
  return new NavalisError('address-not-available', sentence, undefined, evidence);
}

export function noDescriptorLeft(): DeviceError {
  return new NavalisError(
    'descriptor-limit',
    'No file descriptor is left for a UDP socket: raise the limit, with LimitNOFILE= in the systemd unit or with "ulimit -n".',
  );
}

export function portNeedsPrivilege(address: Ipv4Value, port: number): DeviceError {
  return new NavalisError(
    'no-privilege',
    `UDP port ${port} on ${formatIpv4(address)} needs the capability CAP_NET_BIND_SERVICE: run as root or choose a port ` +
      'from 1024 on.',
  );
}

export function rawSocketNeedsPrivilege(): DeviceError {
  return new NavalisError(
    'no-privilege',
    'Sending IPv6 packets to the native side needs the capability CAP_NET_RAW: run as root, or with ' +
      'AmbientCapabilities=CAP_NET_RAW in the systemd unit.',
  );
}

export function noTunnelDevice(path: string): DeviceError {
  return new NavalisError(
    'no-tunnel-device',
    `The kernel offers no tunnel interfaces at ${path}: load the module with "modprobe tun"; a container needs ` +
      '"--device /dev/net/tun".',
  );
}

export function tunnelNeedsPrivilege(name: string): DeviceError {
  return new NavalisError(
    'no-privilege',
    `Creating the interface ${name} needs /dev/net/tun and the capability CAP_NET_ADMIN: run as root, or with ` +
      'AmbientCapabilities=CAP_NET_ADMIN in the systemd unit.',
  );
}

export function noSuchInterface(name: string): DeviceError {
  const sentence = `There is no interface ${name}: choose one that "ip link" lists.`;
  return new NavalisError('no-interface', sentence, undefined, name);
}

export function interfaceTaken(name: string): DeviceError {
  return new NavalisError(
    'interface-taken',
    `An interface ${name} exists already: stop the program that has it, remove it with "ip link delete ${name}", or ` +
      'choose another name.',
  );
}

export function interfaceGone(name: string): DeviceError {
  return new NavalisError('interface-gone', `The interface ${name} was removed while it was in use.`);
}

export function tooManyDevices(most: number): DeviceError {
  return new NavalisError('internal', `This poller watches ${most} devices at most.`);
}

/** Throws `configuration` for a name that no interface can have (or that the kernel would take for a pattern). */
export function requireInterfaceName(name: string): void {
  if (/^[\x21-\x7e]{1,15}$/.test(name) && !/[/:%]/.test(name) && name !== '.' && name !== '..') return;
  throw new NavalisError<DeviceErrorCode>(
    'configuration',
    `"${name}" cannot be the name of an interface: allowed are 1 to 15 ASCII characters without blanks, "/", ":" and "%".`,
  );
}

/** Any other failure at opening; `action` completes "Cannot ...". */
export function systemCallFailed(action: string, errorNumber: number): DeviceError {
  return new NavalisError('system-call-failed', `Cannot ${action}: the kernel answers ${describeErrno(errorNumber)}.`);
}
