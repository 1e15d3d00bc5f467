import type { Configuration } from '@navalis/config';
import { PatientControl } from '../waiting/patient-control.ts';
import { ClientControl } from './client-control.ts';
import { HostFunctionControl } from './host-function-control.ts';
import { HostRelayControl } from './host-relay-control.ts';
import { RelayControl } from './relay-control.ts';
import type { ControlContext, RoleControl } from './role-control.ts';
import { ServerControl } from './server-control.ts';

export function createControl(configuration: Configuration, context: ControlContext): RoleControl {
  const { role } = configuration;
  switch (configuration.role) {
    case 'client':
      return new ClientControl(configuration, context);
    case 'server':
      return new PatientControl(role, context, (own) => new ServerControl(configuration, own));
    case 'relay':
      return new PatientControl(role, context, (own) => new RelayControl(configuration, own));
    case 'host-relay':
      return configuration.client === undefined
        ? new PatientControl(role, context, (own) => new HostRelayControl(configuration, own))
        : new HostFunctionControl(configuration, configuration.client, context);
  }
}
