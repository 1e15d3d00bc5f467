import type { Namespace } from './namespace.ts';

/** `restricted` keeps the port and one mapping for all peers; `symmetric` draws a new port for every peer. */
export type NatKind = 'restricted' | 'symmetric';

export interface NatOptions {
  readonly kind: NatKind;
  /** Interface towards the Internet. */
  readonly outside: string;
  /** Interface towards the private network. */
  readonly inside: string;
}

/**
 * Makes a router translate addresses as home routers do. What nobody inside asked for is dropped in silence: a
 * rejection would tear down the other side's mapping while two peers open their NATs towards each other.
 */
export function translateAddresses(router: Namespace, { kind, outside, inside }: NatOptions): void {
  router.setting('net/ipv4/ip_forward', '1');
  router.run('nft', ['-f', '-'], {
    input: `
      table ip nat {
        chain postrouting {
          type nat hook postrouting priority srcnat;
          oifname "${outside}" masquerade${kind === 'symmetric' ? ' random' : ''}
        }
      }
      table inet filter {
        chain input {
          type filter hook input priority filter; policy drop;
          ct state established,related accept
          iifname { "lo", "${inside}" } accept
        }
        chain forward {
          type filter hook forward priority filter; policy drop;
          ct state established,related accept
          iifname "${inside}" oifname "${outside}" accept
        }
      }
    `,
  });
}
