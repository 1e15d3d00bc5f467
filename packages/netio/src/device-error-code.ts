import type { NavalisError } from '@navalis/engine';

/** The codes of the errors of devices. */
export type DeviceErrorCode =
  | 'configuration'
  | 'no-tunnel-device'
  | 'no-privilege'
  | 'address-in-use'
  | 'address-not-available'
  | 'descriptor-limit'
  | 'interface-taken'
  | 'interface-gone'
  | 'no-interface'
  | 'ffi-not-loadable'
  | 'machine-not-supported'
  | 'system-call-failed'
  | 'internal';

/** An error of a device. */
export type DeviceError = NavalisError<DeviceErrorCode>;
