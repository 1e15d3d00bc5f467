import { type NatName, natKinds } from '@navalis/nat';
import type { Namespace } from './namespace.ts';

/** The kinds of NAT that Linux can be configured to be. All but the symmetric ones preserve ports. */
export type LinuxNatKind = Exclude<NatName, 'restricted' | 'sequential-symmetric'>;

export interface NatOptions {
  readonly kind: LinuxNatKind;
  /** Interface towards the Internet. */
  readonly outside: string;
  /** Interface towards the private network. */
  readonly inside: string;
  /** The one host inside, or one of those in its /24. */
  readonly host: string;
  /** Addresses on the Internet, of which all but one kind use the first. */
  readonly addresses: readonly [string, string];
  /** Accepts unsolicited input as its own, as libvirt and many routers do; false by default. */
  readonly acceptsInput?: boolean;
  /** Connects hosts inside with each other at the first address; false by default. For NATs that preserve ports. */
  readonly hairpinning?: boolean;
}

/** Ports that the NATs with static mappings pass on. */
const servedPorts = '1024-65535';

/**
 * Makes a router translate addresses as home routers do. It drops unsolicited packets silently: a rejection
 * would tear down the other side's mapping while two peers open their NATs towards each other.
 */
export function translateAddresses(router: Namespace, options: NatOptions): void {
  const { kind, outside, inside, host, addresses, acceptsInput = false, hairpinning = false } = options;
  const { filtering } = natKinds[kind];
  router.setting('net/ipv4/ip_forward', '1');
  router.run('nft', ['-f', '-'], {
    input: `
      table ip nat {
        set contacted { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 60s; }
        set used { type inet_service; flags dynamic, timeout; timeout 60s; }
        map owners { type inet_service : ipv4_addr; flags dynamic, timeout; timeout 60s; }
        chain postrouting {
          type nat hook postrouting priority srcnat;
          ${hairpinning ? `oifname "${inside}" ip saddr ${host}/24 snat to ${addresses[0]}` : ''}
          ${sources[kind](outside, addresses)}
        }
        chain prerouting {
          type nat hook prerouting priority dstnat;
          ${hairpinning ? `iifname "${inside}" ip daddr ${addresses[0]} dnat to udp dport map @owners` : ''}
          ${filtering === 'endpoint-independent' ? `iifname "${outside}" udp dport ${servedPorts} dnat to ${host}` : ''}
          ${filtering === 'address-dependent' ? `iifname "${outside}" ip saddr . udp dport @contacted dnat to ${host}` : ''}
        }
        chain remember {
          type filter hook forward priority filter; policy accept;
          ${filtering === 'address-dependent' ? `oifname "${outside}" update @contacted { ip daddr . udp sport }` : ''}
          ${hairpinning ? `oifname "${outside}" update @owners { udp sport : ip saddr }` : ''}
          oifname "${outside}" udp sport @used update @used { udp sport }
        }
      }
      table inet filter {
        chain input {
          type filter hook input priority filter; policy ${acceptsInput ? 'accept' : 'drop'};
          ct state established,related accept
          iifname { "lo", "${inside}" } accept
        }
        chain forward {
          type filter hook forward priority filter; policy drop;
          ct state established,related accept
          ct status dnat accept
          iifname "${inside}" oifname "${outside}" accept
          iifname "${inside}" oifname "${inside}" accept comment "within a bridge, on machines that filter there"
        }
      }
    `,
  });
}

/** How the source of a new connection is chosen. */
const sources: Readonly<Record<LinuxNatKind, (outside: string, addresses: readonly [string, string]) => string>> = {
  cone: (outside) => `oifname "${outside}" masquerade`,
  'address-restricted': (outside) => `oifname "${outside}" masquerade`,
  'port-restricted': (outside) => `oifname "${outside}" masquerade`,
  'port-symmetric': (outside) => `oifname "${outside}" masquerade fully-random`,
  // By itself, the kernel keeps the port towards every destination.
  'port-preserving-symmetric': (outside) => `
    oifname "${outside}" udp sport @used masquerade fully-random
    oifname "${outside}" update @used { udp sport } masquerade`,
  // In turn: of eight random draws, all are equal once in 128 times, and then nobody can see the second address.
  'address-symmetric': (outside, [one, other]) =>
    `oifname "${outside}" snat to numgen inc mod 2 map { 0 : ${one}, 1 : ${other} } random`,
};

/** Makes a router drop all UDP between the private network and the Internet. */
export function blockUdp(router: Namespace): void {
  router.run('nft', ['-f', '-'], {
    input: `
      table ip block {
        chain forward {
          type filter hook forward priority -10;
          meta l4proto udp drop
        }
      }
    `,
  });
}
