import { parseIpv4 } from '@navalis/address';
import type { Findings, SocketMapping } from '@navalis/nat-probe';
import { verdictOf } from '@navalis/nat-probe';
import { describe, expect, it } from 'vitest';
import { stageLines, verdictLines } from '../src/diagnosis/diagnosis-page.ts';
import { diagnosisReport } from '../src/diagnosis/diagnosis-report.ts';
import { exitStatusOf } from '../src/diagnosis/exit-status.ts';

const local = { address: parseIpv4('192.168.1.5')!, port: 5000 };
const mapped = { address: parseIpv4('203.0.113.9')!, port: 7000 };
const server = { name: 'teredo.example', primary: parseIpv4('198.51.100.10')!, secondary: parseIpv4('198.51.100.11')! };

function findings(more: Partial<Findings>): Findings {
  const main: SocketMapping = { local, byPrimary: mapped, bySecondary: mapped };
  const nothing = { fromStranger: undefined, fromOtherPort: undefined, hairpins: undefined };
  return { mappings: [main], ...nothing, survivedSeconds: undefined, expiredSeconds: undefined, ...more };
}

const restricted = findings({ fromStranger: 'filtered', fromOtherPort: 'filtered', hairpins: false });
const blocked = findings({ mappings: [{ local, byPrimary: undefined, bySecondary: undefined }] });
const half = findings({ mappings: [{ local, byPrimary: mapped, bySecondary: undefined }] });
const symmetric = findings({ mappings: [{ local, byPrimary: mapped, bySecondary: { ...mapped, port: 7001 } }] });

describe('a diagnosis', () => {
  it.each([
    [restricted, 0],
    [symmetric, 3],
    [half, 4],
    [blocked, 4],
  ])('ends with a status that says whether Teredo works: %#', (found, status) => {
    expect(exitStatusOf(verdictOf(found))).toBe(status);
  });

  it('tells each stage in a line of its own', () => {
    const text = (found: Findings) => stageLines('mapping', found, verdictOf(found)).join('\n');
    expect(text(restricted)).toContain('answers, sees 203.0.113.9:7000');
    expect(text(restricted)).toContain('one for all destinations, other ports outside');
    expect(text(symmetric)).toContain('another one for each destination');
    expect(text(half)).toMatch(/Secondary +no answer\n.*not seen/);
    expect(text(blocked)).not.toContain('Mapping');
    const lifetime = (found: Partial<Findings>) => stageLines('lifetime', findings(found), verdictOf(restricted))[0];
    expect(lifetime({ survivedSeconds: 30, expiredSeconds: 45 })).toContain('between 30 and 45 s');
    expect(lifetime({ survivedSeconds: 120 })).toContain('longer than 120 s');
    expect(lifetime({ expiredSeconds: 20 })).toContain('shorter than 20 s');
    expect(lifetime({})).toContain('not seen');
    expect(verdictLines(verdictOf(symmetric))).toContain('NAT: port-symmetric');
  });

  it('has a stable shape for programs', () => {
    const report = diagnosisReport({
      server,
      local: local.address,
      findings: half,
      verdict: verdictOf(half),
      refusal: undefined,
    });
    expect(report).toMatchObject({
      nat: 'half-blocked',
      isUsable: false,
      server: { name: 'teredo.example', primary: '198.51.100.10', secondary: '198.51.100.11' },
      local: '192.168.1.5',
      mappings: [{ local: '192.168.1.5:5000', byPrimary: '203.0.113.9:7000', bySecondary: null }],
      fromStranger: null,
      hairpins: null,
      exitStatus: 4,
    });
  });
});
