import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Configuration, HttpAddress } from '@navalis/config';
import { isForwarding } from '../health/forwarding-watch.ts';
import { canBind } from '../host/addresses/bindable.ts';
import { readHostAddresses } from '../host/addresses/host-addresses.ts';
import { requireIpCommand } from '../host/commands/ip-command.ts';
import { signOfManagement } from '../host/managed-host.ts';
import { missingCapability } from '../host/missing-capability.ts';
import { lookUpIpv4 } from '../host/names/look-up-name.ts';
import { freeUdpPort } from '../host/routes/free-port.ts';
import { hasIpv6Route } from '../host/routes/ipv6-route.ts';
import { localAddressTowards } from '../host/routes/local-address.ts';
import { NavalisError } from '../navalis-error.ts';
import { hostTime } from '../scheduling/time.ts';
import { askStatus } from '../status/ask-status.ts';
import { closed, listeningAtHttp } from '../status/listening.ts';
import type { LiveAccess } from './live-check.ts';

/** Returns how a check of this role sees this host. */
export function liveAccess({ role, statusSocket }: Configuration): LiveAccess {
  return {
    isRunning: () =>
      askStatus(statusSocket).then(
        () => true,
        () => false,
      ),
    missingCapability: () => missingCapability(role),
    requireIpCommand: () => requireIpCommand(),
    tunnelDeviceError,
    hasInterface: (name) => existsSync(`/sys/class/net/${name}`),
    host: readHostAddresses(),
    probes: { signOfManagement, preferOther: () => false },
    lookUpName: (name) => lookUpIpv4(name, hostTime),
    canBind,
    isPortFree: async (address, port) => (await freeUdpPort(address, port)) === port,
    httpError,
    localAddress: localAddressTowards,
    isForwarding: (interfaceName) => isForwarding(interfaceName),
    hasIpv6Route,
  };
}

async function httpError(http: HttpAddress): Promise<NavalisError | undefined> {
  const server = createServer();
  try {
    await listeningAtHttp(server, http);
    await closed(server);
    return undefined;
  } catch (error) {
    return error as NavalisError;
  }
}

const tunnelDevice = '/dev/net/tun';

function tunnelDeviceError(): NavalisError | undefined {
  try {
    accessSync(tunnelDevice, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const sentence = isAbsent
      ? `There is no ${tunnelDevice}: load the module with "modprobe tun"; a container needs "--device ${tunnelDevice}".`
      : `${tunnelDevice} cannot be opened by this user: run as root, or let every user open it, as udev does.`;
    return new NavalisError(isAbsent ? 'no-tunnel-device' : 'no-privilege', sentence, error);
  }
}
