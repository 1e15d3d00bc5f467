import type { Configuration } from '@navalis/config';
import { ClientControl } from '../roles/client/client-control.ts';
import { HostFunctionControl } from '../roles/host-relay/host-function-control.ts';
import { HostRelayControl } from '../roles/host-relay/host-relay-control.ts';
import { RelayControl } from '../roles/relay/relay-control.ts';
import { ServerControl } from '../roles/server/server-control.ts';
import type { ControlContext, RoleControl } from '../roles/shared/role-control.ts';
import { PatientControl } from '../waiting/patient-control.ts';

export function createControl(configuration: Configuration, context: ControlContext): RoleControl {
  switch (configuration.role) {
    case 'client':
      return new ClientControl(configuration, context);
    case 'server':
      return new PatientControl(configuration, context, (own, parts) => new ServerControl(own, parts));
    case 'relay':
      return new PatientControl(configuration, context, (own, parts) => new RelayControl(own, parts));
    case 'host-relay':
      return configuration.client === undefined
        ? new PatientControl(configuration, context, (own, parts) => new HostRelayControl(own, parts))
        : new HostFunctionControl(configuration, configuration.client, context);
  }
}
