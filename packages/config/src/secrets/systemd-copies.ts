import { basename } from 'node:path';

/**
 * Returns the paths of possible copies of a file that systemd made for a service whose user may not read it, the newest first: the
 * copy of the last reload of the unit, and the credential that it loaded at start (systemd.exec(5)).
 */
export function systemdCopies(path: string): readonly string[] {
  const { CREDENTIALS_DIRECTORY: credentials } = process.env;
  if (credentials === undefined) return [];
  const id = credentialId(path);
  // The last part is the name of the unit.
  return [`/run/navalis/${basename(credentials)}/${id}`, `${credentials}/${id}`];
}

/** Returns true if the file is a credential: systemd grants access by an access control list, which appears as the group's. */
export function isCredential(path: string): boolean {
  const { CREDENTIALS_DIRECTORY: credentials } = process.env;
  return credentials !== undefined && path.startsWith(`${credentials}/`);
}

/** Returns true in a process of a unit, also of one without credentials. */
export function isServiceOfSystemd(): boolean {
  const { CREDENTIALS_DIRECTORY: credentials, INVOCATION_ID: invocation } = process.env;
  return credentials !== undefined || invocation !== undefined;
}

/** The line of a unit that makes the copy. */
export function loadCredentialLine(path: string): string {
  return `LoadCredential=${credentialId(path)}:${path}`;
}

/** Derives the name of the copy from the path, so that it cannot be the copy of another file. */
function credentialId(path: string): string {
  return path.slice(1).replaceAll('/', '-');
}
