import { roles } from '@navalis/config';
import { describe, expect, it } from 'vitest';
import { dropReasonNames, dropReasonsOf } from '../../src/health/drop-explanations.ts';
import { metricNames, scrape } from './scrape.ts';

describe('the metrics of a role', () => {
  it.each(roles)('%s: have at least one value for each name, before anything happens', async (role) => {
    const text = await scrape(role);
    const names = metricNames(text);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} .{10,}$`, 'm'));
    for (const name of names) expect(text).toMatch(new RegExp(`^${name}(_bucket)?\\{`, 'm'));
  });

  it('have the drop reasons of that role, and together all', () => {
    expect(dropReasonsOf('server')).toContain('rule-7');
    expect(dropReasonsOf('server')).toContain('send-failed');
    expect(dropReasonsOf('server')).not.toContain('tunnel-read-malformed');
    expect(dropReasonsOf('relay')).toContain('peer-not-known');
    expect(dropReasonsOf('relay')).not.toContain('mapping-malformed');
    expect(dropReasonsOf('client')).not.toContain('rule-7');
    expect(dropReasonsOf('host-relay')).toContain('peer-not-known');
    expect(dropReasonsOf('host-relay')).toContain('mapping-malformed');
    const together = new Set(roles.flatMap(dropReasonsOf));
    expect(dropReasonNames.filter((reason) => !together.has(reason))).toEqual([]);
  });
});
