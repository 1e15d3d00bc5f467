import { parseArgs } from 'node:util';
import { type Role, roles } from '@navalis/config';
import { type Architecture, architectures } from './bundle/architecture.ts';

export const packageHelp: string = `Usage: npm run package [-- FLAGS PROGRAM...]

Builds Debian packages, archives, tarballs for npm, a bill of materials and checksums into dist-packages/: of all programs, or of those
that are named, with the runtime that they need.
  PROGRAM              ${roles.join(', ')}; with or without "teredo-"
  --quick              compresses less: larger files in a third of the time
  --architecture NAME  only for x64 or arm64
  --help               this text
`;

/** The packages to build. */
interface PackageRequest {
  readonly isQuick: boolean;
  readonly architecture: Architecture | undefined;
  /** Undefined: all. */
  readonly roles: readonly Role[] | undefined;
}

/** Reads the arguments of `npm run package`; returns a sentence when one is not allowed, and `help` when it asks for help. */
export function readPackageRequest(args: readonly string[]): PackageRequest | 'help' | { readonly mistake: string } {
  const options = {
    quick: { type: 'boolean', default: false },
    architecture: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help === true) return 'help';
  const architecture = architectures.find((each) => each === values.architecture);
  if (values.architecture !== undefined && architecture === undefined) {
    return { mistake: `--architecture is "${values.architecture}"; it must be one of ${architectures.join(', ')}.` };
  }
  const named = positionals.map((name) => name.replace(/^teredo-/, ''));
  const unknown = positionals.find((_, index) => !(roles as readonly string[]).includes(named[index]!));
  if (unknown !== undefined) return { mistake: `"${unknown}" is no program; it must be one of ${roles.join(', ')}.` };
  const chosen = roles.filter((role) => named.includes(role));
  return { isQuick: values.quick, architecture, roles: chosen.length === 0 ? undefined : chosen };
}
