import { randomUUID } from 'node:crypto';
import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import type { Role } from '../../src/http/roles.js';
import type { RunningService } from './service.js';

/** The office that all people of the bench are of. */
const OFFICE = 'ELP';

/** A token of the service's local issuer. @param sub who holds it */
export const tokenOf = (dataDir: string, role: Role, sub = `${role}-1`): Promise<string> =>
  issueLocalToken(readConfig({ DATA_DIR: dataDir }), { sub, roles: [role], office: OFFICE });

/** Of as many caseworkers: one alone would be held up by nothing but itself. */
export const caseworkers = (dataDir: string, many = 16): Promise<string[]> =>
  Promise.all(Array.from({ length: many }, (_, one) => tokenOf(dataDir, 'caseworker', `cw-${one}`)));

/** Somebody who asks one question after the other. */
export class Caller {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async of({ port }: RunningService, dataDir: string, role: Role): Promise<Caller> {
    return new Caller(`http://127.0.0.1:${port}`, await tokenOf(dataDir, role));
  }

  /** @throws Error where the answer is neither 200 nor 201 */
  async ask(path: string, body?: object): Promise<string> {
    const answer = await fetch(this.url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${this.token}`,
        'x-purpose': 'bench',
        ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return text;
  }
}
