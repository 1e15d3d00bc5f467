export { type Program, runProgram } from './control/run-program.ts';
export type { EndpointText, StatusReport } from './status/status-report.ts';
