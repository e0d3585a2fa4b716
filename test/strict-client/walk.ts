import type { components, paths } from './api.js';

/*
 * A client as somebody else would write it: all that it knows of the service are the types that a generator made of its document.
 * It is compiled with them, strictly and without a cast, and then walks from the opening of a case to the confirmed determination.
 */

type Posted<P extends keyof paths> = NonNullable<paths[P]['post']>;
type Asked<P extends keyof paths> = NonNullable<paths[P]['get']>;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201)]: R[S] extends { content: { 'application/json': infer A } } ? A : never }[keyof R & (200 | 201)]
  : never;

export interface Walker {
  readonly url: string;
  readonly caseworker: string;
  readonly caseworkerId: string;
  readonly supervisor: string;
}

/** What those of one office tell each other: how far the service had come when one of them was answered. */
interface Seen {
  token: string | null;
}

class Client {
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly seen: Seen,
  ) {}

  async post<P extends keyof paths>(path: P, caseId: string, body: Body<Posted<P>>): Promise<Answer<Posted<P>>> {
    return this.send(path, caseId, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  async get<P extends keyof paths>(path: P, caseId: string): Promise<Answer<Asked<P>>> {
    return this.send(path, caseId, { method: 'GET', headers: {} });
  }

  private async send<A>(
    path: string,
    caseId: string,
    request: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<A> {
    const headers = {
      ...request.headers,
      authorization: `Bearer ${this.token}`,
      ...(this.seen.token !== null && { 'consistency-token': this.seen.token }),
    };
    const response = await fetch(`${this.url}${path.replace('{caseId}', caseId)}`, { ...request, headers });
    if (response.ok) {
      this.seen.token = response.headers.get('consistency-token') ?? this.seen.token;
      return response.json();
    }
    const problem: components['schemas']['Problem'] = await response.json();
    if (problem.code !== 'read-model-behind') throw new Error(`${path}: ${problem.status} ${problem.code}`);
    await new Promise(resolve => {
      setTimeout(resolve, Number(response.headers.get('retry-after')) * 1_000);
    });
    return this.send(path, caseId, request);
  }
}

/** The status that the case is in at the end, and who confirmed. */
export async function walk({
  url,
  caseworker,
  caseworkerId,
  supervisor,
}: Walker): Promise<{ status: string; confirmedBy: string | null; minor: boolean }> {
  const seen = { token: null };
  const worker = new Client(url, caseworker, seen);
  const chief = new Client(url, supervisor, seen);
  const { caseId, possibleDuplicates } = await worker.post('/v1/cases', '', {
    applicant: {
      givenNames: 'Synthetic',
      familyName: 'Strict-0001',
      birthDate: '1990-05-17',
      nationalities: ['HN'],
      languages: ['es'],
      accompaniedBy: 'none',
    },
    encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'port-of-entry' },
    documents: 'none',
  });
  if (possibleDuplicates.length > 0) throw new Error('nobody of that name was here before');
  await worker.post('/v1/cases/{caseId}/record-protection-claim', caseId, { protection: 'asylum' });
  await worker.post('/v1/cases/{caseId}/assign-case', caseId, { caseworkerId });
  await worker.post('/v1/cases/{caseId}/start-screening', caseId, { country: 'GT', language: 'es' });
  await worker.post('/v1/cases/{caseId}/serve-notice', caseId, { notice: 'transfer-to-gt', language: 'es', readBack: true });
  await worker.post('/v1/cases/{caseId}/record-fear-inquiry', caseId, { fearsPartnerCountry: false, language: 'es' });
  await worker.post('/v1/cases/{caseId}/submit-determination', caseId, {
    outcome: 'amenable',
    reasons: 'Nothing stands against it.',
  });
  const submitted = await determinationOf(chief, caseId);
  await chief.post('/v1/cases/{caseId}/confirm-determination', caseId, { determinationId: submitted });
  const { allowed } = await chief.get('/v1/cases/{caseId}/allowed-commands', caseId);
  if (allowed.includes('ConfirmDetermination')) throw new Error('it is confirmed already');
  const file = await chief.get('/v1/cases/{caseId}', caseId);
  return { status: file.status, confirmedBy: file.screening?.determination?.confirmedBy ?? null, minor: file.minorAtEncounter };
}

type File = Answer<Asked<'/v1/cases/{caseId}'>>;
// @ts-expect-error The document tells no such field: what is read is not just anything.
export type NoField = File['untold'];
// @ts-expect-error Nor is what is sent.
export type NoPart = Body<Posted<'/v1/cases'>>['untold'];

async function determinationOf(client: Client, caseId: string): Promise<string> {
  const { screening } = await client.get('/v1/cases/{caseId}', caseId);
  const { determinationId } = screening?.determination ?? {};
  if (determinationId === undefined) throw new Error('there is no determination');
  return determinationId;
}
