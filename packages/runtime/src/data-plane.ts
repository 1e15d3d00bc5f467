export type {
  ClientEngineSettings,
  ClientEngineUpdate,
  HostRelayEngineUpdate,
  RelayEngineSettings,
  ServerEngineSettings,
  StandbySettings,
} from './control/settings.ts';
export { type DataPlaneBinding, type EngineContext, runDataPlane } from './data-plane/run-data-plane.ts';
