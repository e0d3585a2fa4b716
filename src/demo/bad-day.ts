import { uuidV5 } from '../event-store/command-identity.js';
import { plusHours, weekOf } from '../fields/time.js';
import type { Role } from '../http/roles.js';
import type { Answer, Office, Person } from './office.js';

/*
 * A bad day, told with invented people: what protects a person comes late, from every side, and in any order.
 * Nothing here says what the service makes of it: that is read from its answers and from the case files.
 */

/** Namespace of the story's keys and ids: a command whose answer was lost is sent again under the same. */
const STORY = 'a2b1f9c4-93d3-4c4e-8a55-0f6f7d6a9b21';
const BEGINS = '2019-11-26T15:00:00Z';
const DEPARTS = '2019-12-12T15:00:00Z';
const FLIGHT = 'GT204';

const RULES = { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H', 'P30D', 'P90D'] };

interface Applicant {
  readonly givenNames: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly accompaniedBy: 'none' | 'parent';
}

const ROSA: Applicant = { givenNames: 'Rosa Elvira', familyName: 'Interiano', birthDate: '1991-02-11', accompaniedBy: 'none' };
const MATEO: Applicant = { givenNames: 'Mateo', familyName: 'Interiano', birthDate: '2011-08-30', accompaniedBy: 'parent' };
const DENIS: Applicant = { givenNames: 'Denis', familyName: 'Guardado', birthDate: '1984-06-02', accompaniedBy: 'none' };
const ELSA: Applicant = { givenNames: 'Elsa Marina', familyName: 'Sorto', birthDate: '1996-12-19', accompaniedBy: 'none' };
const TULIO: Applicant = { givenNames: 'Tulio', familyName: 'Zelaya', birthDate: '1978-04-23', accompaniedBy: 'none' };
const PASSENGERS = [ROSA, MATEO, DENIS, ELSA];
const EVERYBODY = [...PASSENGERS, TULIO];

const STAFF = ['admin', 'caseworker', 'supervisor', 'liaison', 'auditor', 'reporting'] as const satisfies readonly Role[];
type Staff = Readonly<Record<(typeof STAFF)[number] | 'secondSupervisor', Person>>;

/** Who acts in the story; `person` makes a token for each. */
export async function staffOfBadDay(person: (sub: string, role: Role, office: string) => Promise<Person>): Promise<Staff> {
  const named = await Promise.all(STAFF.map(async role => [role, await person(`${role}-bad-day`, role, 'ELP')] as const));
  return {
    ...(Object.fromEntries(named) as Record<(typeof STAFF)[number], Person>),
    secondSupervisor: await person('supervisor-2-bad-day', 'supervisor', 'ELP'),
  };
}

interface Seen {
  readonly status: string;
  readonly holds: readonly string[];
  readonly seat: boolean;
}

/** Tells the day over HTTP, as the people of the offices would live it. */
export class BadDay {
  private now = BEGINS;
  private readonly seen = new Map<Applicant, Seen>();

  /** @param say takes the story, line by line */
  constructor(
    private readonly office: Office,
    private readonly staff: Staff,
    private readonly say: (line: string) => void,
  ) {}

  /** @throws Error where something was told to the service before */
  async tell(): Promise<void> {
    const { admin, caseworker, supervisor, secondSupervisor, liaison } = this.staff;
    const { body } = await this.office.query(admin, '/v1/agreements/GT');
    if (body['standing'] !== 'unsigned') throw new Error('The bad day is told to an empty service: start one with another DATA_DIR.');
    await this.agreement();
    await this.at(BEGINS);
    for (const applicant of EVERYBODY) await this.screen(applicant);
    await this.family();
    for (const applicant of PASSENGERS)
      await this.act(liaison, applicant, 'record-transfer-reply', { reply: 'accepted', reference: 'GT-2019-0117' });
    await this.watch(`${names(EVERYBODY)} are screened; Guatemala accepts all but ${TULIO.givenNames}, for whom no answer comes`);

    await this.at('2019-12-10T15:00:00Z', `nobody answered for ${TULIO.givenNames} in 14 days`);
    await this.manifest();

    await this.at('2019-12-12T11:00:00Z');
    for (const applicant of PASSENGERS) await this.act(liaison, applicant, 'tell-destination', { country: 'GT', language: 'es' });
    await this.tellOf(
      'liaison',
      'opens boarding: everything is checked again, for each',
      await this.post(liaison, `manifests/${this.manifestId}/open-boarding`, {}),
    );
    await this.at('2019-12-12T11:10:00Z');

    await this.tellOf(
      'caseworker',
      `writes down that ${ROSA.givenNames} fears to be found in Guatemala`,
      await this.act(caseworker, ROSA, 'express-fear', {
        country: 'GT',
        account: 'The man who threatened her has moved to Guatemala City.',
      }),
    );
    await this.at('2019-12-12T11:20:00Z');

    const order = { kind: 'court-order', reference: 'Docket 19-cv-00482', caseIds: [this.caseOf(DENIS)] };
    await this.tellOf('supervisor', `enters a court's order for ${DENIS.givenNames}`, await this.post(supervisor, 'hold-orders', order));
    await this.at('2019-12-12T11:30:00Z');

    await this.tellOf(
      'admin',
      'suspends the agreement: the last passenger has been cleared already',
      await this.post(admin, 'agreements/GT/suspend', { from: this.now, scope: 'transfers', reasonCode: 'consultation' }),
    );
    await this.at('2019-12-12T11:40:00Z');

    await this.tellOf(
      'liaison',
      `lets the flight depart with ${ELSA.givenNames} all the same`,
      await this.post(liaison, `manifests/${this.manifestId}/depart`, { boarded: [this.caseOf(ELSA)] }, [409]),
    );
    await this.tellOf(
      'liaison',
      'records a departure without the flight',
      await this.act(liaison, ELSA, 'record-departure', { flight: FLIGHT }, [409]),
    );
    await this.tellOf(
      'liaison',
      'cancels the flight',
      await this.post(liaison, `manifests/${this.manifestId}/cancel`, { reasonCode: 'agreement-suspended' }),
    );
    await this.at('2019-12-13T15:00:00Z');

    await this.tellOf('admin', 'reinstates the agreement', await this.post(admin, 'agreements/GT/reinstate', { from: this.now }));
    await this.at('2019-12-13T16:00:00Z');

    await this.tellOf(
      'caseworker',
      `assesses the fear of ${ROSA.givenNames}`,
      await this.act(caseworker, ROSA, 'assess-fear', {
        persecution: true,
        torture: false,
        reasons: 'The account is detailed and consistent.',
      }),
    );
    await this.act(
      caseworker,
      ROSA,
      'submit-determination',
      { outcome: 'not-amenable', reasons: 'A fear of Guatemala is established.' },
      [],
      'again',
    );
    await this.tellOf(
      'supervisor',
      'confirms: she is not transferred',
      await this.act(supervisor, ROSA, 'confirm-determination', { determinationId: await this.determinationOf(ROSA) }, [], 'again'),
    );
    await this.act(secondSupervisor, MATEO, 'refer-to-us-procedure', { ground: 'family-unity' });
    await this.tellOf(
      'supervisor',
      'refers mother and son to the procedure in the United States',
      await this.act(secondSupervisor, ROSA, 'refer-to-us-procedure', { ground: 'fear-established' }),
    );
    await this.at('2019-12-13T17:00:00Z');
    await this.audit('2019-12-12T11:29:00Z');
    await this.report();
  }

  private async agreement(): Promise<void> {
    const steps: readonly (readonly [string, object])[] = [
      ['sign', { on: '2019-07-26' }],
      ['publish-rules', RULES],
      ['agree-implementation-plan', { on: '2019-11-15' }],
      ['bring-into-force', { from: '2019-11-15' }],
    ];
    for (const [step, body] of steps) await this.post(this.staff.admin, `agreements/GT/${step}`, body);
  }

  /** From the opening of the case to the request, by the book. */
  private async screen(applicant: Applicant): Promise<void> {
    const { caseworker, supervisor, liaison } = this.staff;
    const encounterAt = plusHours(BEGINS, -48);
    const act = (command: string, body: object): Promise<Answer> => this.act(caseworker, applicant, command, body);
    await this.post(
      caseworker,
      'cases',
      {
        caseId: this.caseOf(applicant),
        applicant: { ...applicant, nationalities: ['HN'], languages: ['es'] },
        encounter: { at: encounterAt, day: encounterAt.slice(0, 10), place: 'Paso del Norte', manner: 'between-ports' },
        documents: 'none',
      },
      [],
      applicant.givenNames,
    );
    await act('record-protection-claim', { protection: 'asylum' });
    await act('assign-case', { caseworkerId: caseworker.sub });
    await act('start-screening', { country: 'GT', language: 'es' });
    await act('serve-notice', { notice: 'transfer-to-gt', language: 'es', readBack: true });
    await act('record-fear-inquiry', { fearsPartnerCountry: false, language: 'es' });
    await act('submit-determination', { outcome: 'amenable', reasons: 'Asked about fear of Guatemala, none expressed.' });
    await this.act(supervisor, applicant, 'confirm-determination', { determinationId: await this.determinationOf(applicant) });
    await this.act(liaison, applicant, 'request-transfer', { country: 'GT' });
  }

  private async family(): Promise<void> {
    const { caseworker } = this.staff;
    await this.post(caseworker, 'families', { familyUnitId: this.id('family') });
    for (const [applicant, relationshipCode] of [
      [ROSA, 'parent'],
      [MATEO, 'child'],
    ] as const) {
      await this.post(
        caseworker,
        `families/${this.id('family')}/add-member`,
        { caseId: this.caseOf(applicant), relationshipCode },
        [],
        applicant.givenNames,
      );
    }
  }

  private async manifest(): Promise<void> {
    const { admin, liaison, supervisor } = this.staff;
    const { manifestId } = this;
    await this.post(admin, 'reception/GT/declare-capacity', { week: weekOf(DEPARTS), places: 20 });
    let answer = await this.post(liaison, 'manifests', {
      manifestId,
      country: 'GT',
      flight: FLIGHT,
      departsAt: DEPARTS,
      week: weekOf(DEPARTS),
    });
    for (const applicant of PASSENGERS)
      answer = await this.post(
        liaison,
        `manifests/${manifestId}/add-passenger`,
        { caseId: this.caseOf(applicant) },
        [],
        applicant.givenNames,
      );
    await this.tellOf(
      'supervisor',
      `approves ${FLIGHT} with ${names(PASSENGERS)}`,
      await this.post(supervisor, `manifests/${manifestId}/approve`, { revision: answer.body['revision'] }),
    );
    await this.at('2019-12-10T15:10:00Z');
  }

  private async audit(instant: string): Promise<void> {
    const { body } = await this.office.query(
      this.staff.auditor,
      `/v1/audit/cases/${this.caseOf(ELSA)}/state?recordedAt=${instant}`,
      'review of the day',
    );
    const { status, transfer, holds } = body['state'] as {
      status: string;
      transfer: { clearedUntil: string | null };
      holds: readonly unknown[];
    };
    this.line(
      'auditor',
      `asks what was known of ${ELSA.givenNames} before the suspension`,
      `revision ${String(body['revision'])}: ${status}, cleared until ${String(transfer.clearedUntil)}, ${holds.length} holds`,
    );
  }

  private async report(): Promise<void> {
    const { body } = await this.office.query(this.staff.reporting, '/v1/reports/safeguards?country=GT');
    this.line(
      'reporting',
      'reads the safeguards of these weeks',
      JSON.stringify({
        blockedDepartures: body['blockedDepartures'],
        irregularDepartures: body['irregularDepartures'],
        holds: body['holds'],
      }),
    );
  }

  /** Moves the clock, which answers once all that follows is done, and tells what changed. */
  private async at(instant: string, because = ''): Promise<void> {
    await this.office.moveClock(this.staff.admin, instant);
    this.now = instant;
    await this.watch(because);
  }

  /** Reads every file, and tells what is different from the last time. */
  private async watch(because: string): Promise<void> {
    const changes: string[] = [];
    for (const applicant of EVERYBODY) {
      const before = this.seen.get(applicant);
      const now = await this.look(applicant);
      if (!now) continue;
      this.seen.set(applicant, now);
      if (JSON.stringify(before) !== JSON.stringify(now)) changes.push(`${applicant.givenNames}: ${inWords(now)}`);
    }
    if (because) this.line('', because, '');
    for (const change of changes) this.say(`${' '.repeat(32)}${change}`);
  }

  private async look(applicant: Applicant): Promise<Seen | undefined> {
    const { body } = await this.office.query(this.staff.supervisor, `/v1/cases?q=${this.caseOf(applicant)}`);
    if ((body['rows'] as unknown[]).length === 0) return undefined;
    const file = (await this.office.query(this.staff.supervisor, `/v1/cases/${this.caseOf(applicant)}`)).body as {
      status: string;
      holds: { kind: string }[];
      transfer: { manifestId: string | null } | null;
    };
    return { status: file.status, holds: file.holds.map(({ kind }) => kind), seat: (file.transfer?.manifestId ?? null) !== null };
  }

  private async determinationOf(applicant: Applicant): Promise<string> {
    const { body } = await this.office.query(this.staff.supervisor, `/v1/cases/${this.caseOf(applicant)}`);
    return (body['screening'] as { determination: { determinationId: string } }).determination.determinationId;
  }

  private async tellOf(role: string, what: string, { status, body }: Answer): Promise<void> {
    const codes = (body['errors'] as { code: string }[] | undefined)?.map(({ code }) => code);
    const events = (body['events'] as { type: string }[] | undefined)?.map(({ type }) => type);
    this.line(role, what, codes ? `${status}: ${codes.join(', ')}` : (events ?? []).join(', '));
  }

  private line(role: string, what: string, outcome: string): void {
    this.say(`${this.now.slice(0, 16).replace('T', ' ')}  ${role.padEnd(12)}  ${what}${outcome && ` → ${outcome}`}`);
  }

  private act(
    person: Person,
    applicant: Applicant,
    command: string,
    body: object,
    accepted: readonly number[] = [],
    time = '',
  ): Promise<Answer> {
    const key = this.id(`${command} ${applicant.givenNames} ${time}`);
    return this.office.command(person, `/v1/cases/${this.caseOf(applicant)}/${command}`, body, key, accepted);
  }

  private post(person: Person, path: string, body: object, accepted: readonly number[] = [], step = ''): Promise<Answer> {
    return this.office.command(person, `/v1/${path}`, body, this.id(`${path} ${step}`), accepted);
  }

  private readonly manifestId = uuidV5('flight', STORY);
  private caseOf = ({ givenNames }: Applicant): string => this.id(`case ${givenNames}`);
  private id = (name: string): string => uuidV5(name, STORY);
}

const names = (people: readonly Applicant[]): string => people.map(({ givenNames }) => givenNames).join(', ');

const inWords = ({ status, holds, seat }: Seen): string =>
  [status, seat ? `on ${FLIGHT}` : '', holds.length > 0 ? `held: ${holds.join(', ')}` : ''].filter(Boolean).join(', ');
