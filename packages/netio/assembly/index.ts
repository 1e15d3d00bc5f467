export { sum } from './internet-checksum';
export { joiningPackets } from './joining-packets';
export { leadingMessages } from './leading-messages';
export { leadingRun } from './leading-run';
export { writeSegments } from './write-segments';
