import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from 'caseledger-api';
import { lastSeen, refused, session, trainingTime, whyRefused } from './session';

export type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];

/** What the service answered instead of what was asked for. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** Nobody answered. */
export class Unreachable extends Error {
  constructor(options?: ErrorOptions) {
    super('The service does not answer.', options);
  }
}

const identify: Middleware = {
  onRequest: ({ request }) => {
    const current = session.get();
    if (current) {
      request.headers.set('authorization', `Bearer ${current.token}`);
      if (current.purpose !== null) request.headers.set('x-purpose', inHeader(current.purpose));
    }
    const seen = lastSeen.get();
    if (seen !== null && !request.headers.has('idempotency-key')) request.headers.set('consistency-token', seen);
    return request;
  },
  onResponse: async ({ response }) => {
    // The store may have gone back to an older copy, which has not come so far.
    if (response.status === 400 && (await faultsOf(response)).some(isOfToken)) lastSeen.set(null);
    // What somebody in between answers says nothing of whose people these are.
    const time = response.headers.get('x-training-copy');
    if (time !== null || response.ok) trainingTime.set(time);
    if (response.status === 401) refused.set(whyRefused(await saidBy(response)));
    const seen = response.headers.get('consistency-token');
    if (seen !== null) lastSeen.set(seen);
  },
  onError: ({ error }) => new Unreachable({ cause: error }),
};

/** A header takes letters of one byte; the service reads them as the UTF-8 that they are. */
const inHeader = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

async function problemIn(response: Response): Promise<Problem | null> {
  const said: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return isProblem(said) ? said : null;
}

async function saidBy(response: Response): Promise<string> {
  const problem = await problemIn(response);
  return problem?.detail ?? problem?.title ?? '';
}

/** Of anything else that does not fit, what was recorded last stays to be waited for. */
const faultsOf = async (response: Response): Promise<Problem['errors']> => (await problemIn(response))?.errors ?? [];
const isOfToken = ({ pointer, message }: Problem['errors'][number]): boolean =>
  pointer === undefined && message.startsWith('Consistency-Token');

/** @typeParam P what is asked of which address */
export function clientOf<P extends object>(): Client<P, 'application/json'> {
  const client = createClient<P, 'application/json'>({ baseUrl: '/' });
  client.use(identify);
  return client;
}

export const api = clientOf<paths>();

/** What a proxy answers in the place of a service that is away. */
const AWAY = [502, 503, 504];

/** @throws Refusal, Unreachable */
export async function answered<D>(asked: Promise<{ data?: D; error?: unknown; response: Response }>): Promise<D> {
  const { data, error, response } = await asked;
  if (response.ok) return data as D;
  if (isProblem(error)) throw new Refusal(error);
  throw AWAY.includes(response.status) ? new Unreachable() : new Refusal(unknownProblem(response.status));
}

const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null && 'code' in value && 'errors' in value;

/** A proxy in between may answer with something else. */
const unknownProblem = (status: number): Problem => ({
  type: 'about:blank',
  title: `The service answered with status ${status}.`,
  status,
  code: 'unknown',
  correlationId: '-',
  errors: [],
});
