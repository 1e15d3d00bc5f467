import type { Configuration } from '@navalis/config';
import { ClientControl } from './client-control.ts';
import { HostFunctionControl } from './host-function-control.ts';
import { HostRelayControl } from './host-relay-control.ts';
import { RelayControl } from './relay-control.ts';
import type { ControlContext, RoleControl } from './role-control.ts';
import { ServerControl } from './server-control.ts';

export function createControl(configuration: Configuration, context: ControlContext): RoleControl {
  switch (configuration.role) {
    case 'client':
      return new ClientControl(configuration, context);
    case 'server':
      return new ServerControl(configuration, context);
    case 'relay':
      return new RelayControl(configuration, context);
    case 'host-relay':
      return configuration.client === undefined
        ? new HostRelayControl(configuration, context)
        : new HostFunctionControl(configuration, configuration.client, context);
  }
}
