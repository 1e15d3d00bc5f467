/**
 * Encoders for servers only: clients and relays have no way to emit an origin indication (RFC 4380 5.1.1).
 *
 * - {@link writeOriginIndication} writes an origin indication.
 * - {@link writeRouterAdvertisement} writes a Router Advertisement.
 * - {@link RouterAdvertisementTemplate} writes many that differ only in their destination.
 *
 * @packageDocumentation
 */

export { writeOriginIndication } from './datagram/write-origin-indication.ts';
export { RouterAdvertisementTemplate } from './icmpv6/router-advertisement-template.ts';
export { type RouterAdvertisementFields, writeRouterAdvertisement } from './icmpv6/write-router-advertisement.ts';
