import { existsSync } from 'node:fs';

/**
 * Files of a host that has joined a directory domain (realmd, adcli, FreeIPA, sssd): the machine's key and the settings of
 * the domain and of the daemon. Only files are checked: queries would be traffic that a managed network does not want.
 */
const signs: readonly string[] = ['/etc/krb5.keytab', '/etc/ipa/default.conf', '/etc/sssd/sssd.conf'];

/** Returns the evidence that this host is a member of a managed domain (RFC 5991 section 4); undefined without any. */
export function signOfManagement(exists: (path: string) => boolean = existsSync): string | undefined {
  return signs.find((path) => exists(path));
}
