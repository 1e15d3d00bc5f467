import type { ClientOptions } from '@navalis/client-core';
import type { EngineEvent } from '@navalis/engine';
import type { RelayOptions } from '@navalis/relay-core';
import type { ServerOptions } from '@navalis/server-core';
import type { HostOptions } from '../node-options.ts';
import type { ServerNode } from './server-node.ts';
import type { TurnNode } from './turn-node.ts';

export interface ServerNodeOptions extends Omit<HostOptions, 'nat'> {
  readonly options?: Partial<ServerOptions>;
}

export interface ClientNodeOptions extends HostOptions {
  /** One, or several in order of preference. */
  readonly server: ServerNode | readonly ServerNode[];
  /** The service port; random by default. */
  readonly port?: number;
  readonly options?: Partial<ClientOptions>;
  /** The TURN server on which the client's service port is. */
  readonly turn?: TurnNode;
  /** Asks the NAT in front for a mapping of its service port whenever it comes behind one; false by default. */
  readonly portMapping?: boolean;
  /** Takes the client's events, which are not kept then: in a crowd they would fill the memory. */
  readonly follow?: (event: EngineEvent, mark: number) => void;
  /** Given to `follow` with each event, so that a crowd needs one function; 0 by default. */
  readonly mark?: number;
  /** Does nothing until `start` is called. */
  readonly stopped?: boolean;
}

export interface RelayNodeOptions extends Omit<HostOptions, 'nat'> {
  readonly port?: number;
  readonly options?: Partial<RelayOptions>;
}
