import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config.js';
import { Refused } from '../event-store/refused.js';
import { misfit } from '../event-store/rule.js';
import { ANY_NUMBER, AnyText, OneOfList, Optional, PersonId, Text } from '../fields/fields.js';
import { OFFICE } from '../fields/formats.js';
import { issueLocalToken } from './authentication.js';
import { OpenOperation } from './operation.js';
import { mayBeCombined, OFFICE_ROLES, ROLES, type Role } from './roles.js';

class SignIn {
  @PersonId() readonly sub!: string;
  @OneOfList(ROLES, { ...ANY_NUMBER, min: 1 }) readonly roles!: readonly Role[];
  @Text({ example: 'ELP', description: 'Of caseworkers, supervisors and liaisons: 2 to 5 capital letters.' })
  @Optional()
  readonly office?: string;
}

class SignedIn {
  @AnyText({ description: 'A bearer token of the local issuer, good for eight hours.' }) readonly token!: string;
}

/** The local issuer's page. It proves nothing of who somebody is, so that where people are real there is no such route. */
@Controller('v1/sign-in')
export class SignInController {
  constructor(@Inject(Config) private readonly config: Config) {}

  @Post()
  @HttpCode(200)
  @OpenOperation({
    summary:
      'A token of the local issuer, which proves nothing of who somebody is. Absent in production and where tokens come from elsewhere',
    tag: 'service',
    operationId: 'signIn',
    codes: ['other-origin', 'not-acceptable', 'validation-failed'],
    answers: [SignedIn],
    example: { token: 'eyJhbGciOiJFZERTQSJ9.…' },
  })
  async signIn(@Body() { sub, roles, office }: SignIn, @Req() request: FastifyRequest): Promise<SignedIn> {
    if (!isOfOwnPages(request)) throw new Refused('other-origin', "Only the service's own pages may sign somebody in.");
    if (!mayBeCombined(roles)) throw misfit('/roles', 'invalid', 'An auditor or a reporting job has no other role.');
    if (office === undefined && roles.some(role => OFFICE_ROLES.includes(role)))
      throw misfit('/office', 'missing', `An office is needed for ${OFFICE_ROLES.join(', ')}.`);
    if (office !== undefined && !OFFICE.test(office)) throw misfit('/office', 'invalid', 'Must be 2 to 5 capital letters.');
    if (sub.toLowerCase() === 'system') throw misfit('/sub', 'invalid', 'Nobody is the system.');
    return { token: await issueLocalToken(this.config, { sub, roles, office }) };
  }
}

/** Browsers tell the origin of the page with each POST; whoever tells none is no page of somebody else's. */
function isOfOwnPages({ headers: { origin, 'sec-fetch-site': site }, protocol, host }: FastifyRequest): boolean {
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === `${protocol}://${host}`;
}
