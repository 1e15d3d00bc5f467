import type { ConfigurationErrorCode } from '@navalis/config';
import { NavalisError as AnyNavalisError, type EngineErrorCode } from '@navalis/engine';
import type { DeviceErrorCode } from '@navalis/netio';

/** The codes of the errors of the control plane. */
type ControlErrorCode =
  | 'configuration'
  | 'no-privilege'
  | 'address-in-use'
  | 'address-not-available'
  | 'interface-gone'
  | 'name-not-resolved'
  | 'no-global-ipv6'
  | 'command-failed'
  | 'already-running'
  | 'not-running'
  | 'system-call-failed'
  | 'sunset'
  | 'internal';

/** Stable codes of the errors that reach the user of a program, whichever package declares them. */
export type NavalisErrorCode = EngineErrorCode | ConfigurationErrorCode | DeviceErrorCode | ControlErrorCode;

/** The one error class, with the codes of a program. */
export type NavalisError = AnyNavalisError<NavalisErrorCode>;

interface NavalisErrorClass {
  new (code: NavalisErrorCode, sentence: string, cause?: unknown, evidence?: string): NavalisError;
  readonly prototype: NavalisError;
}

export const NavalisError: NavalisErrorClass = AnyNavalisError;
