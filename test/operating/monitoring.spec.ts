import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { AppendFailures, CountedAppends } from '../../src/event-store/counted-appends.js';
import { KeyNotCommitted, StoreUnavailable } from '../../src/event-store/event-store.js';
import { Metrics } from '../../src/http/metrics.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { InMemoryEventStore } from '../support/in-memory-event-store.js';

/* Alert rules and the dashboard ask for nothing that a running service does not tell. */

type Labels = Readonly<Record<string, string>>;
interface Series {
  readonly name: string;
  readonly labels: Labels;
}
interface Asking {
  readonly expr: string;
  /** Texts that show labels of what the expression gives. */
  readonly texts: readonly string[];
}

/** What Prometheus adds to each series, and what it has of its own. */
const ADDED: Labels = { job: 'caseledger', instance: 'one' };
const OF_PROMETHEUS: readonly Series[] = [{ name: 'up', labels: {} }];
const WORDS = new Set(['by', 'on', 'without', 'ignoring', 'and', 'or', 'unless', 'bool', 'offset']);

const rules = readFileSync('docker/prometheus/alerts.yaml', 'utf8');
const dashboard = JSON.parse(readFileSync('docker/grafana/caseledger.json', 'utf8')) as {
  panels: { title: string; type: string; targets?: { expr: string; legendFormat: string }[] }[];
};

const alerts = rules
  .split(/^ +- alert: /m)
  .slice(1)
  .map((alert): [string, Asking] => [
    alert.split('\n')[0] ?? '',
    {
      expr: /^ +expr: (.+)$/m.exec(alert)?.[1] ?? '',
      texts: [...alert.matchAll(/(?:summary|description): "(.*)"$/gm)].map(found => found[1] ?? ''),
    },
  ]);
const targets = dashboard.panels.flatMap(({ title, targets: asked = [] }) =>
  asked.map(({ expr, legendFormat }): [string, Asking] => [`${title}: ${legendFormat}`, { expr, texts: [legendFormat] }]),
);

let directory: string;
let issuer: Server;
let caseledger: Caseledger;
let told: readonly Series[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'caseledger-'));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  issuer = createServer(
    (_, response) => void response.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }] })),
  );
  await new Promise<void>(resolve => {
    issuer.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  caseledger = await startCaseledger({
    AUTH_ISSUER: url,
    AUTH_AUDIENCE: 'api',
    AUTH_JWKS_URL: `${url}/jwks`,
    LOG_WITNESS: join(directory, 'witness'),
  });
  await fetch(`${caseledger.url}/v1/cases`);
  told = [...OF_PROMETHEUS, ...seriesIn(await (await fetch(`${caseledger.url}/metrics`)).text())];
});
afterAll(async () => {
  await caseledger.stop();
  issuer.close();
  rmSync(directory, { recursive: true, force: true });
});

it('finds every alert, and something to ask in each', () => {
  expect(alerts.length).toBeGreaterThan(20);
  expect(targets.length).toBeGreaterThan(20);
  expect(rules.match(/^ +- alert:/gm)?.length).toBe(rules.match(/^ +expr: \S/gm)?.length);
  expect(dashboard.panels.filter(({ type, targets: asked = [] }) => (type === 'row') !== (asked.length === 0))).toEqual([]);
});

it.each([...alerts, ...targets])('%s', (_, { expr, texts }) => {
  const asked = selectorsIn(expr);
  expect(asked).not.toEqual([]);
  const given = asked.map(selector => ({ selector, series: told.filter(series => selector.matches(series)) }));
  expect(given.filter(({ series }) => series.length === 0).map(({ selector }) => selector.text)).toEqual([]);
  const known = new Set(given.flatMap(({ series }) => series.flatMap(({ labels }) => Object.keys({ ...labels, ...ADDED }))));
  const grouped = groupedBy(expr);
  expect((grouped ?? []).filter(label => !known.has(label))).toEqual([]);
  const left = grouped ? grouped.filter(label => label !== 'le') : isSummed(expr) ? [] : [...known];
  const shown = texts.flatMap(text => [...text.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(found => found[1] ?? ''));
  expect(shown.filter(label => !left.includes(label))).toEqual([]);
});

it('tells nothing of what it cannot see, rather than that all is well', async () => {
  const metrics = new Metrics();
  let looks = 0;
  const look = async (): Promise<number> => {
    looks++;
    if (looks > 2) throw new Error('away');
    return 1;
  };
  metrics.watch({ name: 'plain', help: 'one' }, async () => [{ value: await look() }]);
  metrics.watch({ name: 'labelled', help: 'many', labels: ['of'] }, async () => [{ labels: { of: 'it' }, value: await look() }]);
  const shown = async (): Promise<string[]> => (await metrics.metrics()).split('\n').filter(line => /^(plain|labelled)/.test(line));
  expect(await shown()).toEqual(['plain 1', 'labelled{of="it"} 1']);
  expect(await shown()).toEqual([]);
});

it('counts appends that the store did not confirm, and nothing else', async () => {
  const failures = new AppendFailures();
  const answers = [new StoreUnavailable('away'), new DatabaseUnavailable('full'), new KeyNotCommitted('case-1')];
  const store = Object.assign(new InMemoryEventStore(), {
    append: () => {
      const error = answers.shift();
      return error ? Promise.reject(error) : Promise.resolve([]);
    },
  });
  const counted = new CountedAppends(store, failures);
  await expect(counted.append([])).rejects.toThrow('away');
  await expect(counted.append([])).rejects.toThrow('full');
  await expect(counted.append([])).rejects.toThrow('case-1');
  expect(await counted.append([])).toEqual([]);
  expect(failures.total).toBe(2);
});

interface Selector {
  readonly text: string;
  matches(series: Series): boolean;
}

/** The selectors of a PromQL expression. */
function selectorsIn(expr: string): Selector[] {
  const rest = expr.replaceAll(/\b(?:by|on|without|ignoring) \([^)]*\)/g, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  return [...rest.matchAll(/(?<![\w."$])([a-z_]\w*)(\{[^}]*\})?/g)]
    .filter(found => !WORDS.has(found[1] ?? '') && !/^ *\(/.test(rest.slice(found.index + found[0].length)))
    .map(([text, name, matchers = '']) => ({
      text,
      matches: series => series.name === name && meets(matchers, { ...series.labels, ...ADDED }),
    }));
}

const meets = (matchers: string, labels: Labels): boolean =>
  [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].every(([, label = '', operator = '', wanted = '']) => {
    const value = labels[label];
    if (value === undefined) return false;
    const isIt = operator.includes('~') ? new RegExp(`^(?:${wanted})$`).test(value) : value === wanted;
    return operator.startsWith('!') ? !isIt : isIt;
  });

const groupedBy = (expr: string): string[] | undefined => /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
const isSummed = (expr: string): boolean => /^(?:sum|min|max|histogram_quantile)\(/.test(expr);

function seriesIn(exposition: string): Series[] {
  return exposition
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
      return { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(found => [found[1], found[2]])) };
    });
}
