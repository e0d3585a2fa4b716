import { describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '../../src/event-store/event-store.js';
import { mustBeWhole, mustHoldOnce, mustKeepSafeguards, mustNotBeOutrun } from './log.js';
import { Records, Wrong, type Command } from './record.js';
import { mustEqual } from './standing.js';

/* What the kills are judged by: it finds what it is there to find. */

const CASE = 'case-11111111-1111-4111-8111-111111111111';
const FLIGHT = 'manifest-22222222-2222-4222-8222-222222222222';
const caseId = CASE.slice('case-'.length);

const stored = (revision: number, type = 'NoteAdded', more: Partial<StoredEvent> = {}): StoredEvent => {
  const stream = more.stream ?? CASE;
  return {
    id: `${stream} ${revision}`,
    stream,
    type,
    schemaVersion: 1,
    data: {},
    revision,
    position: String(revision).padStart(19, '0'),
    metadata: {
      actor: { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' },
      commandId: `command ${revision}`,
      commandHash: '',
      correlationId: '',
      causationId: '',
      occurredAt: '2020-06-01T15:00:00Z',
      recordedAt: '2020-06-01T15:00:00Z',
    },
    ...more,
  };
};

/** A command that was sent once, and answered a moment later. */
function sent(key: string, events: readonly StoredEvent[], { status = 200, path = `cases/${caseId}/add-note`, at = 0 } = {}): Records {
  const records = new Records();
  const command: Command = { key, path, by: 'cw-ana', body: {}, firstSentAt: at };
  records.begin(command);
  command.answered = {
    at: at + 1,
    status,
    code: null,
    stream: `${path.startsWith('cases') ? CASE : FLIGHT}`,
    events: events.map(({ id, type, revision }) => ({ id, type, revision })),
  };
  return records;
}

describe('a log', () => {
  it('has neither gaps nor anything twice', () => {
    mustBeWhole([stored(0), stored(1)]);
    expect(() => mustBeWhole([stored(0), stored(2)])).toThrow(Wrong);
    expect(() => mustBeWhole([stored(0), stored(1), stored(1)])).toThrow(Wrong);
    expect(() => mustBeWhole([stored(0), { ...stored(1), id: stored(0).id }])).toThrow('stored twice');
  });

  it('has each acknowledged command as it was answered, and once', () => {
    const note = stored(0);
    mustHoldOnce([note], sent('command 0', [note]));
    expect(() => mustHoldOnce([], sent('command 0', [note]))).toThrow('stored is []');
    expect(() => mustHoldOnce([note, { ...stored(1), metadata: note.metadata }], sent('command 0', [note]))).toThrow(Wrong);
    expect(() => mustHoldOnce([{ ...note, id: 'another' }], sent('command 0', [note]))).toThrow(Wrong);
  });

  it('has nothing of a command that was refused, but for the attempt that is kept', () => {
    const refused = sent('command 0', [], { status: 409 });
    mustHoldOnce([], refused);
    mustHoldOnce([stored(0, 'DepartureBlocked')], refused);
    expect(() => mustHoldOnce([stored(0)], refused)).toThrow(Wrong);
  });

  it('is judged by the model of the safeguards, at every event and at rest', () => {
    expect(() =>
      mustKeepSafeguards(
        [stored(0, 'BoardingCleared', { data: { manifestId: 'none', expiresAt: '2020-06-02T15:00:00Z' } })],
        '2020-06-01T15:00:00Z',
      ),
    ).toThrow(Wrong);
    const order = stored(0, 'HoldOrderIssued', {
      stream: 'order-33333333-3333-4333-8333-333333333333',
      data: { kind: 'court-order', caseIds: [caseId] },
    });
    expect(() => mustKeepSafeguards([order], '2020-06-01T15:00:00Z')).toThrow('does not hold');
  });
});

describe('a departure', () => {
  const departs = (at: number): { readonly log: StoredEvent[]; readonly records: Records } => {
    const drafted = stored(0, 'ManifestDrafted', { stream: FLIGHT, data: { country: 'GT' } });
    const departed = stored(1, 'FlightDeparted', { stream: FLIGHT, data: { boarded: [caseId] } });
    return {
      log: [drafted, departed],
      records: sent('command 1', [departed], { path: `${FLIGHT.replace('manifest-', 'manifests/')}/depart`, at }),
    };
  };

  it('is never asked for after what protects a passenger was acknowledged, unless that has been ended', () => {
    const { log, records } = departs(100);
    records.safeguards.push(
      { what: 'a hold order', caseIds: [caseId], acknowledgedAt: 101 },
      { what: 'a hold', caseIds: ['another'], acknowledgedAt: 1 },
    );
    mustNotBeOutrun(log, records);
    const hold = { what: 'a hold', caseIds: [caseId], acknowledgedAt: 1, endAskedAt: 2 };
    records.safeguards.push(hold);
    mustNotBeOutrun(log, records);
    records.safeguards.push({ ...hold, endAskedAt: undefined });
    expect(() => mustNotBeOutrun(log, records)).toThrow('a hold had been acknowledged 99 ms before');
  });

  it('is never asked for under a suspension that was acknowledged', () => {
    const { log, records } = departs(100);
    records.safeguards.push({ what: 'a suspension', caseIds: [], country: 'HN', acknowledgedAt: 1 });
    mustNotBeOutrun(log, records);
    records.safeguards.push({ what: 'a suspension', caseIds: [], country: 'GT', acknowledgedAt: 1 });
    expect(() => mustNotBeOutrun(log, records)).toThrow(Wrong);
    const empty = log.map(event => (event.type === 'FlightDeparted' ? { ...event, data: { boarded: [] } } : event));
    mustNotBeOutrun(empty, records);
  });
});

it('read models differ from a rebuild where a row is missing, there too much, or another', () => {
  const rebuilt = new Map([['caseload.cases', ['a', 'b']]]);
  expect(mustEqual(new Map([['caseload.cases', ['a', 'b']]]), rebuilt)).toBe(2);
  for (const rows of [['a'], ['a', 'b', 'c'], ['a', 'c'], []])
    expect(() => mustEqual(new Map([['caseload.cases', rows]]), rebuilt)).toThrow('caseload.cases');
});
