import { createRequire } from 'node:module';
import { NavalisError } from '@navalis/engine';
import type { DeviceErrorCode } from '../device-error-code.ts';

export type Koffi = typeof import('koffi');

/** Loads koffi at the first use, so that a machine without it gets a sentence instead of a stack trace at import. */
export function loadKoffi(requireModule: (name: string) => unknown = createRequire(import.meta.url)): Koffi {
  try {
    return requireModule('koffi') as Koffi;
  } catch (cause) {
    throw new NavalisError<DeviceErrorCode>(
      'ffi-not-loadable',
      'The package koffi, through which Navalis calls the kernel, does not load: install again with the optional ' +
        `dependencies (npm install --include=optional) on this machine (${process.platform} ${process.arch}).`,
      cause,
    );
  }
}
