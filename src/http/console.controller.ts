import { Controller, Get, Inject } from '@nestjs/common';
import { Config } from '../config.js';
import { ANY_NUMBER, AnyText, OneOf, OneOfList } from '../fields/fields.js';
import { OpenOperation } from './operation.js';
import { OFFICE_ROLES, ROLES, type Role } from './roles.js';

class AtLocalIssuer {
  @OneOf(['local']) readonly kind!: 'local';
  @OneOfList(ROLES, ANY_NUMBER) readonly roles!: readonly Role[];
  @OneOfList(ROLES, { ...ANY_NUMBER, description: 'Those that are of an office.' }) readonly officeRoles!: readonly Role[];
}

class AtIssuerElsewhere {
  @OneOf(['oidc']) readonly kind!: 'oidc';
  @AnyText() readonly issuer!: string;
  @AnyText({ description: 'Of the console at that issuer.' }) readonly clientId!: string;
}

/** What tells the pages how people sign in; nothing of it is secret. */
@Controller('console.json')
export class ConsoleController {
  constructor(@Inject(Config) private readonly config: Config) {}

  @Get()
  @OpenOperation({
    summary: 'How people sign in: at the local issuer, which is never one in production, or by OpenID Connect at another',
    tag: 'service',
    operationId: 'wayOfSigningIn',
    codes: [],
    answers: [AtLocalIssuer, AtIssuerElsewhere],
    example: { kind: 'oidc', issuer: 'https://issuer.example', clientId: 'caseledger-console' },
  })
  wayOfSigningIn(): AtLocalIssuer | AtIssuerElsewhere {
    const { issuer, clientId } = this.config;
    return issuer.kind === 'local'
      ? { kind: 'local', roles: ROLES, officeRoles: OFFICE_ROLES }
      : { kind: 'oidc', issuer: issuer.issuer, clientId };
  }
}
