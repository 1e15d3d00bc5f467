import { formatIpv4, parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { canBind } from '../../src/host/addresses/bindable.ts';
import { localAddressTowards } from '../../src/host/routes/local-address.ts';

const loopback = parseIpv4('127.0.0.1')!;
const foreign = parseIpv4('192.0.2.77')!;

describe('[RT-04] the local address towards a server', () => {
  it('is the one that routing picks, or that the socket is bound to', async () => {
    expect(await localAddressTowards(loopback)).toBe(loopback);
    expect(formatIpv4((await localAddressTowards(loopback, parseIpv4('127.0.0.2')!))!)).toBe('127.0.0.2');
  });

  it('is none towards an address that routing refuses', async () => {
    // A broadcast address is refused without the right to send there.
    expect(await localAddressTowards(parseIpv4('255.255.255.255')!)).toBeUndefined();
  });

  it('cannot be found out from an address that this host does not have', async () => {
    await expect(localAddressTowards(loopback, foreign)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

describe('[RT-01] an address to bind to', () => {
  it('is one of this host', async () => {
    expect(await canBind(loopback)).toBe(true);
    expect(await canBind(foreign)).toBe(false);
  });
});
