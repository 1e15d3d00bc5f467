export { type MalformedReason, malformedReasons } from './malformed.ts';
