import { readFileSync } from 'node:fs';
import { EventStore } from '../../src/event-store/event-store.js';
import { cursorOf } from '../../src/http/cursor.js';
import { Repair } from '../../src/operating/repair.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { JOB } from '../support/facts-job.js';
import { done, eventually, faultsOf, MARK, refused, World } from '../support/world.js';

/* The feed of case facts: what a reporting job reads, page after page, for years. */

interface Fact {
  readonly factId: string;
  readonly caseKey: string;
  readonly type: string;
}

const FEED = '/v1/feeds/case-facts';
let caseledger: Caseledger;
let world: World;
let cases: string[];
beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  cases = [await world.caseAt('transferred'), await world.caseAt('screening')];
  await world.act(world.staff.worker, cases[1] as string, 'express-fear', { country: 'GT', account: `${MARK} account` });
  await world.act(world.staff.liaison, await world.caseAt('requested'), 'record-transfer-reply', {
    reply: 'refused',
    reference: MARK,
    reasonCode: 'capacity',
  });
  await caseledger.settled();
});
afterAll(() => caseledger.stop());

const ask = async (query = '', headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Answer> =>
  world.staff.reporting.get(`${FEED}${query}`, { headers, signal, token: await caseledger.app.get(EventStore).newest() });
const factsOf = ({ body }: Answer): Fact[] => body['rows'] as Fact[];
const nextOf = ({ body }: Answer): string => String(body['next']);
const beyond = (answer: Answer): string => `?after=${nextOf(answer)}`;

async function everything(limit: number): Promise<{ readonly facts: readonly Fact[]; readonly last: Answer }> {
  const facts: Fact[] = [];
  let answer = done(await ask(`?limit=${limit}`), 200);
  for (; factsOf(answer).length > 0; answer = done(await ask(`${beyond(answer)}&limit=${limit}`), 200)) {
    expect(factsOf(answer).length).toBeLessThanOrEqual(limit);
    facts.push(...factsOf(answer));
  }
  return { facts, last: answer };
}

async function eventsOf(caseId: string): Promise<string[]> {
  const types: string[] = [];
  for await (const batch of caseledger.app.get(EventStore).readStream(`case-${caseId}`)) types.push(...batch.map(({ type }) => type));
  return types;
}

test('each event of each case is one fact, in the order of its case, however long the pages are', async () => {
  const { facts } = await everything(1000);
  expect((await everything(7)).facts).toEqual(facts);
  expect(new Set(facts.map(({ factId }) => factId)).size).toBe(facts.length);
  const keys = [...new Set(facts.map(({ caseKey }) => caseKey))];
  const stories = keys.map(key => facts.filter(({ caseKey }) => caseKey === key).map(({ type }) => type));
  expect(stories).toHaveLength(3);
  for (const caseId of cases) expect(stories).toContainEqual(await eventsOf(caseId));
});

test('a fact says what the specification names, days and no instants, and nothing leads back to a case or a person', async () => {
  const answer = await ask('?limit=1000');
  expect(factsOf(answer).find(({ type }) => type === 'TransferRefused')).toEqual({
    factId: expect.stringMatching(/^[0-9a-f]{32}$/),
    caseKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    type: 'TransferRefused',
    country: 'GT',
    nationality: 'HN',
    minor: false,
    office: 'ELP',
    occurredOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    recordedOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    reasonCode: 'capacity',
  });
  expect(factsOf(answer)[0]).toMatchObject({ type: 'CaseOpened', country: null, reasonCode: null });
  const rows = JSON.stringify(factsOf(answer));
  expect(rows).not.toContain(MARK);
  for (const caseId of cases) expect(answer.text).not.toContain(caseId);
  expect(rows).not.toMatch(/T\d\d:\d\d/);
  for await (const batch of caseledger.app.get(EventStore).readAll()) for (const { id } of batch) expect(answer.text).not.toContain(id);
});

test('as CSV and NDJSON the rows are the same, and where to go on stands in the header', async () => {
  const json = await ask('?limit=5');
  const ndjson = done(await ask('?limit=5', { accept: 'application/x-ndjson' }), 200);
  expect(
    ndjson.text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as unknown),
  ).toEqual(factsOf(json));
  const csv = done(await ask('?limit=5', { accept: 'text/csv;q=0.9, application/json;q=0.5' }), 200);
  const [head, ...lines] = csv.text.split('\r\n').filter(Boolean);
  expect(head).toBe('factId,caseKey,type,country,nationality,minor,office,occurredOn,recordedOn,reasonCode');
  expect(lines).toEqual(factsOf(json).map(fact => Object.values(fact).join(',')));
  for (const { headers } of [json, ndjson, csv]) {
    expect(headers.get('next')).toBe(nextOf(json));
    expect([headers.get('as-of-position'), headers.get('code-version')]).toEqual([json.body['asOfPosition'], json.body['codeVersion']]);
  }
  refused(await ask('', { accept: 'application/xml' }), 406, 'not-acceptable');
});

test('a rebuild in the middle loses, renames and reorders nothing', async () => {
  const { facts } = await everything(1000);
  const middle = await ask('?limit=9');
  await caseledger.app.get(Repair).rebuild('case-facts');
  const rest = await ask(`${beyond(middle)}&limit=1000`);
  expect([...factsOf(middle), ...factsOf(rest)]).toEqual(facts);
});

describe('a cursor that this feed did not give is refused', () => {
  const wrong = async (after: string) => {
    const answer = refused(await ask(`?after=${after}`), 400, 'validation-failed');
    expect(faultsOf(answer)).toEqual(['/after invalid']);
    return answer;
  };

  it.each([
    ['no cursor at all', 'nonsense'],
    ['another form', cursorOf([1])],
    ['no position of this store', cursorOf(['C@1/P@1', 'a'.repeat(32)])],
    ['made up', cursorOf(['0000000000000000004', 'a'.repeat(32)])],
    ['beyond the end', cursorOf(['9000000000000000004', 'a'.repeat(32)])],
    ['a beginning with a fact', cursorOf(['', 'a'.repeat(32)])],
    ['too long', 'a'.repeat(501)],
  ])('%s', async (_, after) => void (await wrong(after)));

  it('one of another store, where other facts stand at its position', async () => {
    const [position] = JSON.parse(Buffer.from(nextOf(await ask('?limit=3')), 'base64url').toString()) as [string];
    const [, factId] = JSON.parse(Buffer.from(nextOf(await ask('?limit=4')), 'base64url').toString()) as [string, string];
    expect((await wrong(cursorOf([position, factId]))).text).toContain('begin again without it');
  });

  it('limits are bounded', async () => {
    for (const limit of ['0', '1001', 'x']) refused(await ask(`?limit=${limit}`), 400, 'validation-failed');
  });
});

describe('a reader may wait for what comes next', () => {
  it('and gets it as soon as it is there', async () => {
    const { last } = await everything(1000);
    const waiting = ask(beyond(last), { prefer: 'respond-async, wait=20' });
    await world.act(world.staff.worker, cases[1] as string, 'add-note', { text: MARK });
    const answer = done(await waiting, 200);
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    expect(factsOf(answer).map(({ type }) => type)).toEqual(['NoteAdded']);
  });

  it('until the time is over: then the cursor is where it was', async () => {
    const { last } = await everything(1000);
    const answer = done(await ask(beyond(last), { prefer: 'wait=1' }), 200);
    expect([factsOf(answer), nextOf(answer)]).toEqual([[], nextOf(last)]);
  });

  const CROWD = 120;
  const SEATS = 100;

  /** So many as there are seats for wait; resolves with what the others were answered at once, and with how the waiting ones end. */
  async function crowd(wait: () => Promise<Answer>) {
    const early: Answer[] = [];
    const all = Array.from({ length: CROWD }, () =>
      wait().then(
        answer => {
          early.push(answer);
          return answer;
        },
        () => undefined,
      ),
    );
    await eventually('those without a seat are answered', () => early.length === CROWD - SEATS);
    return { early: [...early], ended: Promise.all(all) };
  }

  it('at most so many at a time; the others are answered at once, and nobody is kept when the service stops', async () => {
    const other = await startCaseledger();
    const person = await other.person('rep-wait', 'reporting');
    const { early, ended } = await crowd(() => person.get(FEED, { headers: { prefer: 'wait=600' } })).catch(async (error: unknown) => {
      await other.stop();
      throw error;
    });
    const [answers] = await Promise.all([ended, other.stop()]);
    for (const answer of early) expect(done(answer, 200).headers.get('preference-applied')).toBeNull();
    expect(answers.filter(answer => answer?.headers.get('preference-applied') === 'wait=30')).toHaveLength(SEATS);
  });

  it('who goes away frees the seat', async () => {
    const { last } = await everything(1000);
    const leave = new AbortController();
    const { ended } = await crowd(() => ask(beyond(last), { prefer: 'wait=30' }, leave.signal));
    leave.abort();
    expect((await ended).filter(answer => answer === undefined)).toHaveLength(SEATS);
    await eventually('a seat is free', async () => (await ask(beyond(last), { prefer: 'wait=1' })).headers.get('preference-applied'));
  });
});

test('the README shows the very job that a drill kills', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(readFileSync(JOB, 'utf8'));
});
