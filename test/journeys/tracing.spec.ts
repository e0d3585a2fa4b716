import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChildService, Children, worldOf } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, refused, type World } from '../support/world.js';

/* One trace from the request over the decision and the append to the read models and processes that follow, at a real receiver. */

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { attributes: Span['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const CLOCK = '2020-01-13T15:00:00Z';
const SERVER = 2;
const CALLER = '00f067aa0ba902b7';
const traceOf = (digit: string): string => digit.repeat(32);

const children = new Children();
let database: TestDatabase;
let receiver: Server;
let received: Exported[] = [];
let hangs = false;
let service: ChildService;
let world: World;
let endpoint: string;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request
      .setEncoding('utf8')
      .on('data', (part: string) => (text += part))
      .on('end', () => {
        if (hangs) return;
        if (request.url === '/v1/traces') received.push(JSON.parse(text) as Exported);
        response.setHeader('content-type', 'application/json').end('{}');
      });
  });
  await new Promise<void>(resolve => {
    receiver.listen(0, '127.0.0.1', resolve);
  });
  endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  database = await startTestDatabase();
  service = await children.start(env());
  world = await worldOf((...who) => service.person(...who), CLOCK);
  await world.begin(CLOCK);
});
afterAll(async () => {
  await children.end();
  receiver.closeAllConnections();
  receiver.close();
  await database.stop();
});

const env = (): Record<string, string> => ({
  CLOCK: `simulated:${CLOCK}`,
  DATABASE_URL: database.url,
  MIGRATION_DATABASE_URL: database.ownerUrl,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '50',
});
const spansOf = (traceId: string): Span[] =>
  received
    .flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
    .filter(span => span.traceId === traceId);
const seen = (traceId: string, name: string): Promise<Span> =>
  eventually(`${name} was received`, () => spansOf(traceId).find(span => span.name === name)) as Promise<Span>;
const attributes = (span: Span): Record<string, unknown> =>
  Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test('a command is one trace with its caller, its append, its read models and its processes', async () => {
  const { worker, supervisor, auditor } = world.staff;
  const caseId = await world.open({ givenNames: 'Zquilla' });
  const trace = traceOf('a');
  const headers = { traceparent: `00-${trace}-${CALLER}-01`, tracestate: 'said=Zquilla', baggage: 'said=Zquilla' };
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: 'Zquilla 17', caseIds: [caseId] }, { headers }), 201);

  const request = await seen(trace, 'POST /v1/hold-orders');
  expect(request).toMatchObject({ kind: SERVER, parentSpanId: CALLER });
  expect(attributes(request)).toEqual({ 'http.request.method': 'POST', 'http.route': '/v1/hold-orders', 'http.response.status_code': 201 });
  const decision = await seen(trace, 'decide IssueHoldOrder');
  expect(decision.parentSpanId).toBe(request.spanId);
  const answer = await seen(trace, 'answer when-hold-order-issued-hold-cases');
  expect(answer.parentSpanId).toBe(decision.spanId);
  const hold = await seen(trace, 'decide PlaceHold');
  expect(hold.parentSpanId).toBe(answer.spanId);
  const projected = await seen(trace, 'project case-file');
  expect([decision.spanId, hold.spanId]).toContain(projected.parentSpanId);
  const appends = spansOf(trace).filter(({ name }) => name === 'append');
  expect(appends.map(({ parentSpanId }) => parentSpanId)).toEqual(expect.arrayContaining([decision.spanId, hold.spanId]));

  const { body } = done(await auditor.get(`/v1/audit/cases/${caseId}/events`), 200);
  const events = body['events'] as readonly { type: string; metadata: { traceparent?: string } }[];
  expect(events.find(({ type }) => type === 'TransferHoldPlaced')?.metadata.traceparent).toBe(`00-${trace}-${hold.spanId}-01`);

  // A refusal is seen by its code; what was not sampled is not kept.
  const other = traceOf('b');
  refused(
    await worker.post(
      `cases/${caseId}/start-screening`,
      { country: 'GT', language: 'es' },
      { headers: { traceparent: `00-${other}-${CALLER}-01` } },
    ),
    409,
    'not-assigned',
  );
  expect(attributes(await seen(other, 'decide StartScreening'))).toEqual({ 'error.type': 'not-assigned' });
  const unsampled = { headers: { traceparent: `00-${traceOf('c')}-${CALLER}-00` } };
  done(await worker.post(`cases/${caseId}/add-note`, { text: 'Zquilla called.' }, unsampled), 200);
  const after = done(await auditor.get(`/v1/audit/cases/${caseId}/events`), 200).body['events'] as typeof events;
  expect(after.find(({ type }) => type === 'NoteAdded')?.metadata).not.toHaveProperty('traceparent');
  expect(spansOf(traceOf('c'))).toEqual([]);

  expect(JSON.stringify(received)).toContain('"caseledger"');
  for (const secret of ['Zquilla', caseId, 'cw-ana', '/health', '/metrics']) expect(JSON.stringify(received)).not.toContain(secret);
});

test('a receiver that hangs, or is away, holds nothing up', async () => {
  const { worker } = world.staff;
  const caseId = await world.open();
  hangs = true;
  done(await worker.post(`cases/${caseId}/add-note`, { text: 'One.' }), 200);
  receiver.closeAllConnections();
  await new Promise(resolve => {
    receiver.close(resolve);
    receiver.closeAllConnections();
  });
  for (let note = 0; note < 20; note++) done(await worker.post(`cases/${caseId}/add-note`, { text: 'More.' }), 200);
  expect(await service.health()).toBe(200);
  expect(await service.terminate()).toMatchObject({ code: 0, stderr: '' });
});
