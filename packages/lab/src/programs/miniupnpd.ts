import { writeFileSync } from 'node:fs';
import type { Laboratory } from '../laboratory.ts';
import type { PublicHome } from '../network/public-home.ts';
import { UnpackedPackage } from '../unpacked-package.ts';
import { Program } from './program.ts';

const miniupnpd = new UnpackedPackage('miniupnpd');

/** `pcp` and `nat-pmp` are one switch of the daemon. */
export interface MiniupnpdOptions {
  readonly speaksPcpAndNatPmp?: boolean;
  readonly speaksUpnp?: boolean;
}

/** Starts miniupnpd, which maps ports by PCP, NAT-PMP and UPnP IGD, on the router of a home. */
export async function startMiniupnpd(
  laboratory: Laboratory,
  { router, lan }: PublicHome,
  { speaksPcpAndNatPmp = true, speaksUpnp = true }: MiniupnpdOptions = {},
): Promise<Program> {
  const command = miniupnpd.program('usr/sbin/miniupnpd');
  router.run('nft', ['-f', '-'], { input: rules });
  const file = laboratory.file(`${router.label}-miniupnpd.conf`);
  writeFileSync(
    file,
    [
      'ext_ifname=wan',
      'listening_ip=lan',
      'http_port=5000',
      `enable_natpmp=${speaksPcpAndNatPmp ? 'yes' : 'no'}`,
      `enable_upnp=${speaksUpnp ? 'yes' : 'no'}`,
      'secure_mode=yes',
      'system_uptime=no',
      'uuid=4c3e6f5e-8f5d-4a53-9a1b-6f6e61766131',
      'upnp_table_name=mappings',
      'upnp_nat_table_name=mappings',
      'upnp_forward_chain=forward',
      'upnp_nat_chain=prerouting',
      'upnp_nat_postrouting_chain=postrouting',
      `allow 1024-65535 ${lan} 1024-65535`,
      'deny 0-65535 0.0.0.0/0 0-65535',
      '',
    ].join('\n'),
  );
  const program = Program.start(laboratory, router, {
    name: `miniupnpd on ${router.label}`,
    command,
    args: ['-d', '-f', file, '-P', laboratory.file(`${router.label}-miniupnpd.pid`)],
  });
  await program.line(/HTTP listening on port|Listening for NAT-PMP\/PCP traffic/);
  return program;
}

/** Returns the mappings of UDP ports that a router has, as miniupnpd wrote them into its firewall. */
export function mappedPorts({ router }: Pick<PublicHome, 'router'>): readonly number[] {
  const { stdout } = router.run('nft', ['list', 'chain', 'inet', 'mappings', 'prerouting']);
  return [...stdout.matchAll(/\bdport (\d+) .*dnat/g)].map(([, port]) => Number(port));
}

/** The chains that miniupnpd fills. The filter of the NAT accepts its mappings, as it accepts translated destinations. */
const rules = `
  table inet mappings {
    chain forward { }
    chain prerouting { type nat hook prerouting priority -101; }
    chain postrouting { type nat hook postrouting priority 99; }
  }
`;
