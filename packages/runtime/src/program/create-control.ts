import type { Configuration } from '@navalis/config';
import { ClientControl } from '../roles/client/client-control.ts';
import { HostFunctionControl } from '../roles/host-relay/host-function-control.ts';
import { HostRelayControl } from '../roles/host-relay/host-relay-control.ts';
import { RelayControl } from '../roles/relay/relay-control.ts';
import { ServerControl } from '../roles/server/server-control.ts';
import type { ControlContext, RoleControl } from '../roles/shared/role-control.ts';
import { PatientControl } from '../waiting/patient-control.ts';

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
