import { readFileSync } from 'node:fs';
import { roles } from '@navalis/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { degradationReasonsOf } from '../../src/health/degradation-reasons.ts';
import { metricNames, scrape } from './scrape.ts';

const file = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const alerts = file('monitoring/alerts.yml');
const cases = file('monitoring/alerts.test.yml');
const dashboard = file('monitoring/dashboard.json');
const page = file('docs/operate/monitoring.md');

const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map((match) => match[1]!);

let scrapes: readonly string[];
let exported: ReadonlySet<string>;

beforeAll(async () => {
  scrapes = await Promise.all(roles.map(scrape));
  exported = new Set(scrapes.flatMap(metricNames));
});

/** Returns the metrics that a text mentions; those of a histogram by its name. */
function mentioned(text: string): readonly string[] {
  const names = [...text.matchAll(/\b(navalis_[a-z0-9_]+|process_start_time_seconds)\b/g)].map((match) => match[1]!);
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

/** Returns role and reason of each exported series that an alert on degraded programs selects. */
function alertedIn(rules: string): readonly string[] {
  const selectors = [...rules.matchAll(/^ +expr: navalis_degraded(?:\{([^}]*)\})? == 1$/gm)].map(([, text = '']) =>
    [...text.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, operator, value]) => ({ label, operator, value })),
  );
  const series = scrapes
    .flatMap((text) => [...text.matchAll(/^navalis_degraded\{([^}]*)\} /gm)])
    .map(([, text = '']) => {
      const pairs = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value] as const);
      return Object.fromEntries(pairs) as Readonly<Record<string, string>>;
    });
  const isSelected = (labels: Readonly<Record<string, string>>) =>
    selectors.some((selector) =>
      selector.every(({ label, operator = '', value = '' }) => {
        const actual = labels[label!] ?? '';
        const isMatch = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
        return isMatch !== operator.startsWith('!');
      }),
    );
  return series.filter(isSelected).map(({ role, reason }) => `${role}: ${reason}`);
}

describe.each([
  ['the alerts', alerts],
  ['the cases of the alerts', cases],
  ['the dashboard', dashboard],
])('%s', (_, text) => {
  it('use only metrics that a program exports', () => {
    expect(mentioned(text).length).toBeGreaterThan(8);
    expect(mentioned(text).filter((name) => !exported.has(name))).toEqual([]);
  });

  it('use only values of labels that a program exports', () => {
    const pairs = [...text.replaceAll('\\"', '"').matchAll(/\b(role|state|reason|route|result)="([a-z0-9-]+)"/g)];
    const unknown = pairs.map(([pair]) => pair).filter((pair) => !scrapes.some((each) => each.includes(pair)));
    expect(unknown).toEqual([]);
  });
});

describe('the alerts', () => {
  const degraded = roles.flatMap((role) => degradationReasonsOf(role).map((reason) => `${role}: ${reason}`));

  it('fire for every reason for which a program of any role is degraded', () => {
    expect(alertedIn(alerts).toSorted()).toEqual(degraded.toSorted());
  });

  it.each([
    ['{reason="interface"}', /: interface$/],
    ['{reason=~"interface|send-failed"}', /: (interface|send-failed)$/],
    ['{reason!~"no-.*"}', /: (?!no-)/],
    ['{role!="server"}', /^(?!server:)/],
    ['{role="relay", reason!="interface"}', /^relay: (?!interface$)/],
  ])('would fire for fewer reasons with the selector %s: the check reads it', (selector, expected) => {
    const narrower = alerts.replaceAll('expr: navalis_degraded ==', `expr: navalis_degraded${selector} ==`);
    expect(alertedIn(narrower).toSorted()).toEqual(degraded.filter((each) => expected.test(each)).toSorted());
    expect(alertedIn(narrower).length).toBeLessThan(degraded.length);
  });

  it('would fire for none without the alert: the check reads only expressions', () => {
    expect(alertedIn(alerts.replaceAll('expr: navalis_degraded ==', 'description: navalis_degraded =='))).toEqual([]);
  });

  it.each(alertNames)('%s has a case that fires and one that does not', (name) => {
    const expected = [...cases.matchAll(new RegExp(`alertname: ${name}\\n +exp_alerts:(.*)`, 'g'))];
    expect(expected.some((match) => match[1] === '')).toBe(true);
    expect(expected.some((match) => match[1] === ' []')).toBe(true);
  });

  it('are explained in the guide, and no other', () => {
    const explained = [...page.matchAll(/^\| `(Navalis\w+)` \|/gm)].map((match) => match[1]);
    expect(explained).toEqual(alertNames);
  });
});

it('the dashboard shows every metric, and lets one choose instance and role', () => {
  const shown = new Set(mentioned(dashboard));
  expect([...exported].filter((name) => !shown.has(name))).toEqual([]);
  const { templating, panels } = JSON.parse(dashboard) as Dashboard;
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'role', 'instance']);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { type, targets = [] } of panels) expect(targets.length > 0).toBe(type !== 'row');
});

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly { readonly id: number; readonly type: string; readonly targets?: readonly unknown[] }[];
}

it('the guide documents every metric, and no other', () => {
  const documented = [...page.matchAll(/^\| `(navalis_\w+|process_\w+)` \|/gm)].map((match) => match[1]!);
  expect(documented.toSorted()).toEqual([...exported].toSorted());
});
