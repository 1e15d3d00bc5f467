// Prints the fields of a Teredo address: node examples/dist/decode-address.js ADDRESS
import { formatIpv4, Ipv4Policy, isWellFormedTeredo, parseTeredoAddress } from '@navalis/address';

const text = process.argv[2] ?? '2001:0:cb00:7178:3c5a:efff:3fff:fdfe';
const fields = parseTeredoAddress(text);
if (fields === undefined) {
  console.error(`${text} is not a Teredo address: give an IPv6 address in 2001::/32.`);
  process.exit(1);
}
const { server, mapped, flags, isCone, value } = fields;
console.log(`server  ${formatIpv4(server)}`);
console.log(`mapped  ${formatIpv4(mapped.address)}:${mapped.port}`);
console.log(`flags   0x${flags.toString(16).padStart(4, '0')}${isCone ? ', cone bit set' : ''}`);
const isUsable = isWellFormedTeredo(value, new Ipv4Policy({ strictness: 'strict' }));
console.log(`usable  ${isUsable ? 'yes' : 'no: the port is 0, or an address that it embeds is not global unicast'}`);
