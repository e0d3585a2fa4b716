import type { Role } from '../../http/roles.js';
import type { Person } from '../office.js';

/* The people of the bad day, all invented. */

export interface Applicant {
  readonly givenNames: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly accompaniedBy: 'none' | 'parent';
}

export const ROSA: Applicant = { givenNames: 'Rosa Elvira', familyName: 'Interiano', birthDate: '1991-02-11', accompaniedBy: 'none' };
export const MATEO: Applicant = { givenNames: 'Mateo', familyName: 'Interiano', birthDate: '2011-08-30', accompaniedBy: 'parent' };
export const DENIS: Applicant = { givenNames: 'Denis', familyName: 'Guardado', birthDate: '1984-06-02', accompaniedBy: 'none' };
export const ELSA: Applicant = { givenNames: 'Elsa Marina', familyName: 'Sorto', birthDate: '1996-12-19', accompaniedBy: 'none' };
export const TULIO: Applicant = { givenNames: 'Tulio', familyName: 'Zelaya', birthDate: '1978-04-23', accompaniedBy: 'none' };
export const PASSENGERS = [ROSA, MATEO, DENIS, ELSA];
export const EVERYBODY = [...PASSENGERS, TULIO];

const STAFF = ['admin', 'caseworker', 'supervisor', 'liaison', 'auditor', 'reporting'] as const satisfies readonly Role[];
export type Staff = Readonly<Record<(typeof STAFF)[number] | 'secondSupervisor', Person>>;

/** Who acts in the story; `person` makes a token for each. */
export async function staffOfBadDay(person: (sub: string, role: Role, office: string) => Promise<Person>): Promise<Staff> {
  const named = await Promise.all(STAFF.map(async role => [role, await person(`${role}-bad-day`, role, 'ELP')] as const));
  return {
    ...(Object.fromEntries(named) as Record<(typeof STAFF)[number], Person>),
    secondSupervisor: await person('supervisor-2-bad-day', 'supervisor', 'ELP'),
  };
}
