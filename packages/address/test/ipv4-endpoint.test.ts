import { expect, it } from 'vitest';
import { endpointText, formatEndpoint, ipv4EndpointEquals } from '../src/index.ts';

it('finds two endpoints equal only if address and port are', () => {
  const endpoint = { address: 0xc0000201, port: 3544 };
  expect(ipv4EndpointEquals(endpoint, { ...endpoint })).toBe(true);
  expect(ipv4EndpointEquals(endpoint, { ...endpoint, address: 0xc0000202 })).toBe(false);
  expect(ipv4EndpointEquals(endpoint, { ...endpoint, port: 3545 })).toBe(false);
});

it('formats an endpoint for people and for JSON', () => {
  const endpoint = { address: 0xc0000201, port: 3544 };
  expect(formatEndpoint(endpoint)).toBe('192.0.2.1:3544');
  expect(endpointText(endpoint)).toEqual({ address: '192.0.2.1', port: 3544 });
});
