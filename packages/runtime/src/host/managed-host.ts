import { existsSync } from 'node:fs';

/**
 * Files that a host has once it was joined to a directory domain (realmd, adcli, FreeIPA, sssd): the machine's own key,
 * the domain's settings, the daemon's. Files only: asking the network would be the traffic that a managed network does
 * not want.
 */
const signs: readonly string[] = ['/etc/krb5.keytab', '/etc/ipa/default.conf', '/etc/sssd/sssd.conf'];

/** Returns the evidence that this host is a member of a managed domain (RFC 5991 section 4); undefined without any. */
export function signOfManagement(exists: (path: string) => boolean = existsSync): string | undefined {
  return signs.find((path) => exists(path));
}
