import type { Home, Internet } from './internet.ts';
import type { LinuxNatKind } from './nat-box.ts';

/** A home whose router has an address that is not reserved: miniupnpd maps no ports at one that is. */
export interface PublicHome extends Home {
  /** The prefix of the private network. */
  readonly lan: string;
  /** The router's address on it. */
  readonly routerAddress: string;
}

/** Returns another home of the laboratory's Internet, with such an address. Nothing of it leaves the namespaces. */
export function publicHome(internet: Internet, nat: LinuxNatKind = 'port-restricted'): PublicHome {
  const home = internet.home(nat);
  const { router } = home;
  const publicAddress = home.publicAddress.replace(/^203\.0/, '21.0');
  internet.core.ip('addr replace 21.0.113.1/24 dev access');
  router.ip('addr flush dev wan', `addr add ${publicAddress}/24 dev wan`, 'route add default via 21.0.113.1');
  const [, lan = ''] = /(192\.168\.\d+)\.1\b/.exec(JSON.stringify(router.ipJson('addr', 'show', 'dev', 'lan'))) ?? [];
  return { ...home, publicAddress, lan: `${lan}.0/24`, routerAddress: `${lan}.1` };
}
