/**
 * The worker thread of the Navalis programs: one blocking loop between the devices and an engine.
 *
 * - {@link runDataPlane} runs the loop until the control plane ends it.
 * - {@link DataPlaneBinding} says which engine a program runs and how it is updated.
 * - {@link EngineContext} is what an engine of a program is created from.
 *
 * @packageDocumentation
 */

export { type DataPlaneBinding, type EngineContext, runDataPlane } from './worker/run-data-plane.ts';
export type {
  ClientEngineSettings,
  ClientEngineUpdate,
  RelayEngineSettings,
  RelayEngineUpdate,
  ServerEngineSettings,
  ServerEngineUpdate,
  StandbySettings,
} from './worker/settings.ts';
