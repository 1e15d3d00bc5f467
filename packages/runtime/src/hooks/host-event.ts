import type { EndpointText } from '@navalis/address';

/** An event for other programs. Names and fields are stable: scripts of operators read them. Never one per packet. */
export type HostEvent =
  | { readonly event: 'started' }
  | { readonly event: 'stopped' }
  | { readonly event: 'waiting'; readonly reason: string; readonly sentence: string; readonly evidence?: string }
  | { readonly event: 'waiting-over'; readonly reason: string }
  | {
      readonly event: 'address-assigned';
      readonly address: string;
      readonly server: string;
      readonly mapped: EndpointText;
      readonly nat: string;
      readonly mtu: number;
    }
  | { readonly event: 'address-lost'; readonly address: string }
  | { readonly event: 'off-line'; readonly reason: string; readonly server: string }
  | { readonly event: 'disabled'; readonly reason: string; readonly evidence?: string }
  | { readonly event: 'enabled'; readonly reason: string }
  | { readonly event: 'server-changed'; readonly server: string; readonly before: string }
  | {
      readonly event: 'server-moved';
      readonly name: string;
      readonly servers: readonly string[];
      readonly before: readonly string[];
    }
  | {
      readonly event: 'turn-in-use';
      readonly server: EndpointText;
      readonly transport: string;
      readonly relayed: EndpointText;
    }
  | {
      readonly event: 'turn-lost';
      readonly server: EndpointText;
      readonly transport: string;
      readonly reason: string;
    }
  | {
      readonly event: 'port-mapped';
      readonly external: EndpointText;
      readonly protocol: string;
      readonly router: string;
    }
  | { readonly event: 'port-mapping-lost'; readonly external: EndpointText; readonly router: string }
  | { readonly event: 'native-hosts-fail' }
  | { readonly event: 'native-hosts-answer' }
  | { readonly event: 'function-changed'; readonly function: string }
  | {
      readonly event: 'degraded';
      readonly reason: string;
      readonly sentence: string;
      readonly evidence: string;
      readonly cure: string;
    }
  | { readonly event: 'recovered'; readonly reason: string }
  | { readonly event: 'announced'; readonly prefix: string; readonly table: number }
  | { readonly event: 'withdrawn'; readonly prefix: string; readonly table: number; readonly reason: string }
  | { readonly event: 'draining'; readonly until: string };

/** Takes events for other programs. */
export interface EventSink {
  tell(event: HostEvent): void;
}

/** The meaning of each event, for the guide. */
export const eventMeanings: Readonly<Record<HostEvent['event'], string>> = {
  started: 'the program has read its configuration and begins',
  stopped: 'the program ends; its interface and sockets are gone',
  waiting: 'the network lacks something that the program needs; it starts when that arrives',
  'waiting-over': 'the program has what it waited for',
  'address-assigned': 'the client has a Teredo address, the first or another one, and its interface carries it',
  'address-lost': 'the client no longer has this address; no other one has replaced it',
  'off-line': 'the client has no address, because its servers do not give one',
  disabled: 'the client does not use Teredo for now; after `idle` it keeps its address',
  enabled: 'the client uses Teredo again',
  'server-changed': 'the client changed from one server to another',
  'server-moved': 'the name of a server has a new address, or none of those before',
  'turn-in-use': 'a TURN server relays for the client',
  'turn-lost': 'the TURN server no longer relays; the client asks for another allocation',
  'port-mapped': 'the router passes a port on to the client',
  'port-mapping-lost': 'the router no longer passes the port on',
  'native-hosts-fail': 'no native IPv6 host answers the client',
  'native-hosts-answer': 'native IPv6 hosts answer now',
  'function-changed': 'the host-specific relay in mode `auto` changed to this function',
  degraded: 'the program runs but does not do its work; one event for each reason',
  recovered: 'the reason of a `degraded` is gone',
  announced: 'the relay works, and routers may hear of it: the route is in the announcement table',
  withdrawn: 'the route has left the announcement table',
  draining: 'SIGTERM came, and the program serves until then what still reaches it',
};
