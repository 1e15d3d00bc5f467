const variable = 'NAVALIS_LAB_OFFLOADS';

/**
 * Returns true if programs and cables of the laboratory use offloads. With NAVALIS_LAB_OFFLOADS=off in the environment they do not,
 * as on a machine that has none: all suites must pass there too.
 */
export function usesOffloads(): boolean {
  return process.env[variable] !== 'off';
}
