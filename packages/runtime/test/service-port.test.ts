import { Counters, NavalisError } from '@navalis/engine';
import { FakeNetio } from '@navalis/netio/testing';
import { describe, expect, it } from 'vitest';
import { ServicePort } from '../src/data-plane/service-port.ts';

const loopback = 0x7f000001;

function scene() {
  const netio = new FakeNetio([loopback]);
  const service = netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops: new Counters() });
  const poller = netio.openPoller();
  const index = poller.watch(service);
  return { service, poller, index, port: new ServicePort({ sockets: [service] }, poller) };
}

describe('the service port', () => {
  it('[CL-Q-31] becomes another one once it is wanted, and the socket is still looked at', () => {
    const { service, poller, index, port } = scene();
    const before = service.port;
    expect(port.renew()).toBeUndefined();
    port.wantNewOne();
    port.wantNewOne();
    const after = port.renew();
    expect(after).toBe(service.port);
    expect(after).not.toBe(before);
    expect(port.renew()).toBeUndefined();
    service.arrive(new Uint8Array(1), { address: loopback, port: 9 });
    poller.wait(0);
    expect(poller.isReady(index)).toBe(true);
  });

  it('stays when no other is to be had, until the next wish', () => {
    const { service, port } = scene();
    const before = service.port;
    service.nextPortError = new NavalisError('address-not-available', 'The address is gone.');
    port.wantNewOne();
    expect(port.renew()).toBeUndefined();
    expect(service.port).toBe(before);
    service.nextPortError = undefined;
    expect(port.renew()).toBeUndefined();
    port.wantNewOne();
    expect(port.renew()).toBe(before + 1);
  });

  it('is none on standby', () => {
    const port = new ServicePort({ sockets: [] }, { rewatch: () => undefined });
    port.wantNewOne();
    expect(port.renew()).toBeUndefined();
  });

  it('does not hide a defect', () => {
    const { service, port } = scene();
    service.nextPortError = new TypeError('a defect');
    port.wantNewOne();
    expect(() => port.renew()).toThrow('a defect');
  });
});
