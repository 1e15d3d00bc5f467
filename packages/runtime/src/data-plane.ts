export type {
  ClientEngineSettings,
  ClientEngineUpdate,
  RelayEngineSettings,
  RelayEngineUpdate,
  ServerEngineSettings,
  ServerEngineUpdate,
  StandbySettings,
} from './control/settings.ts';
export { type DataPlaneBinding, type EngineContext, runDataPlane } from './data-plane/run-data-plane.ts';
