/**
 * A TURN server for tests.
 *
 * - {@link FakeTurnServer} answers clients and relays datagrams under the clock of a test.
 * - {@link FakeAllocation} is one of its allocations, with permissions and channels.
 *
 * @packageDocumentation
 */

export { FakeAllocation } from './testing/fake-allocation.ts';
export { type FakeTurnBehaviour, type FakeTurnOutputs, FakeTurnServer } from './testing/fake-turn-server.ts';
