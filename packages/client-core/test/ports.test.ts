import { Counters, type PortRequest, type RandomSource } from '@navalis/engine';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { ClientPorts } from '../src/ports/client-ports.ts';
import { OwnEndpoints } from '../src/ports/own-endpoints.ts';
import { endpoint } from './packets.ts';
import { policy } from './world.ts';

/** The ports of a client, which other programs use `taken` of, in the order in which they are asked for. */
function portsWith(taken = 0) {
  const outputs = new RecordingOutputs();
  const counters = new Counters();
  const asked: PortRequest[] = [];
  const open = outputs.openPort.bind(outputs);
  outputs.openPort = (request) => {
    asked.push(request);
    return asked.length <= taken ? 'port-taken' : open(request);
  };
  return { ports: new ClientPorts(outputs, counters, undefined), outputs, counters, asked };
}

/** Gives these octets, one after the other. */
function octets(...values: number[]): RandomSource {
  return {
    fill(into) {
      into.set(values.splice(0, into.length));
    },
  };
}

describe('the ports of a client', () => {
  it('[CL-D-02] have one for the refresh interval that carries no data, until it is closed', () => {
    const { ports, outputs, asked } = portsWith();
    expect(ports.openSecondary()).toEqual({ id: 2, address: 0, port: 50_002 });
    expect([ports.secondary, asked]).toEqual([2, [{ like: 0, carriesData: false }]]);
    ports.closeSecondary();
    expect([ports.secondary, outputs.closedPorts]).toEqual([undefined, [2]]);
  });

  it('[TU-23] have one plain port for data, and another one after it was closed', () => {
    const { ports, outputs, asked } = portsWith();
    ports.openPlain();
    ports.openPlain();
    expect([ports.plain, asked]).toEqual([2, [{ like: 0, carriesData: true }]]);
    ports.closePlain();
    ports.closePlain();
    expect([ports.plain, outputs.closedPorts]).toEqual([undefined, [2]]);
    ports.openPlain();
    expect(ports.plain).toBe(3);
  });

  it('[PP-27] have random ones for data, whose numbers are those of two octets each, from 49152 up', () => {
    const { ports, asked } = portsWith(1);
    expect(ports.openRandom(octets(0x12, 0x34, 0xff, 0xfe))?.port).toBe(65_534);
    expect(asked).toEqual([
      { like: 0, carriesData: true, port: 49_152 + 0x1234 },
      { like: 0, carriesData: true, port: 65_534 },
    ]);
  });

  it.each([
    { octet: 0, port: 49_152 },
    { octet: 0xff, port: 65_535 },
  ])('[PP-27] have random one $port when the octets drawn are $octet', ({ octet, port }) => {
    expect(portsWith().ports.openRandom(octets(octet, octet))?.port).toBe(port);
  });

  it('[PP-27] have a random one if the eighth number is free, and none if it is not, which is told once', () => {
    const seventh = portsWith(7);
    expect(seventh.ports.openRandom(seededRandom(7))?.id).toBe(2);
    expect([seventh.asked.length, seventh.counters.portsRefused]).toEqual([8, 0]);
    const eighth = portsWith(8);
    expect(eighth.ports.openRandom(seededRandom(7))).toBeUndefined();
    expect([eighth.asked.length, eighth.counters.portsRefused]).toEqual([8, 1]);
    expect(eighth.outputs.events).toEqual([{ kind: 'port-refused', reason: 'port-taken' }]);
  });
});

describe('the endpoints of a client', () => {
  const [local, forwarded, mapped] = ['10.0.0.2:49152', '100.64.0.9:49152', '192.0.2.1:4096'].map(endpoint);
  const endpoints = () => new OwnEndpoints(policy, local!);

  it('[HP-05][UPNP-11] that neighbours are told follow the local one, the router and the server', () => {
    const own = endpoints();
    own.forwarded = forwarded;
    expect(own.alternates).toEqual([local, forwarded]);
    const moved = endpoint('10.0.0.3:49152');
    own.local = moved;
    expect(own.alternates).toEqual([moved, forwarded]);
    // Now it turns out that the router is the only one.
    own.finding = { mapped: forwarded!, nat: 'restricted' };
    expect(own.alternates).toEqual([moved]);
    own.finding = { mapped: mapped!, nat: 'restricted' };
    expect(own.alternates).toEqual([moved, forwarded]);
    own.forwarded = undefined;
    expect(own.alternates).toEqual([moved]);
  });

  it('[HP-07] that neighbours are told are without a local one that is not known', () => {
    const own = endpoints();
    own.local = { address: 0, port: 49_152 };
    own.forwarded = forwarded;
    expect(own.alternates).toEqual([forwarded]);
  });

  it('[HP-17] are no neighbour, and neither is port 0 nor what is no host', () => {
    const own = endpoints();
    const mayBeNeighbour = (text: string) => {
      const { address, port } = endpoint(text);
      return own.mayBeNeighbour(address, port);
    };
    expect([mayBeNeighbour('10.0.0.2:49152'), mayBeNeighbour('192.0.2.1:4096')]).toEqual([false, true]);
    own.finding = { mapped: mapped!, nat: 'restricted' };
    own.forwarded = forwarded;
    expect(['10.0.0.2:49152', '192.0.2.1:4096', '100.64.0.9:49152'].filter(mayBeNeighbour)).toEqual([]);
    expect(['10.0.0.2:0', '10.0.0.3:0', '224.0.0.1:49152'].filter(mayBeNeighbour)).toEqual([]);
    expect(['10.0.0.2:49153', '10.0.0.3:49152'].filter(mayBeNeighbour)).toHaveLength(2);
  });
});
