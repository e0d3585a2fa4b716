import { uuidV5 } from '../../event-store/command-identity.js';
import { plusHours, weekOf } from '../../fields/time.js';
import type { Answer, Office, Person } from '../office.js';
import { DENIS, ELSA, EVERYBODY, MATEO, PASSENGERS, ROSA, TULIO, type Applicant, type Staff } from './cast.js';
import { FLIGHT, names, Narration, type Shown } from './narration.js';

/*
 * A bad day, told with invented people: what protects a person comes late, from every side, and in any order.
 * Nothing here says what the service makes of it: that is read from its answers and from the case files.
 */

/** Namespace of the story's keys and ids: a command whose answer was lost is sent again under the same. */
const STORY = 'a2b1f9c4-93d3-4c4e-8a55-0f6f7d6a9b21';
const BEGINS = '2019-11-26T15:00:00Z';
const DEPARTS = '2019-12-12T15:00:00Z';

const RULES = { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H', 'P30D', 'P90D'] };

type File = Shown & { readonly screening: { readonly determination: { readonly determinationId: string } | null } | null };

/** Tells the day over HTTP, as the people of the offices would live it. */
export class BadDay {
  private readonly narration: Narration;

  /** @param say takes the story, line by line */
  constructor(
    private readonly office: Office,
    private readonly staff: Staff,
    say: (line: string) => void,
  ) {
    this.narration = new Narration(say, BEGINS, applicant => this.fileOf(applicant));
  }

  /** @throws Error where something was told to the service before */
  async tell(): Promise<void> {
    const { narration } = this;
    const { admin, caseworker, supervisor, secondSupervisor, liaison } = this.staff;
    const { body } = await this.office.query(admin, '/v1/agreements/GT');
    if (body['standing'] !== 'unsigned') throw new Error('The bad day is told to an empty service: start one with another DATA_DIR.');
    await this.agreement();
    await this.at(BEGINS);
    for (const applicant of EVERYBODY) await this.screen(applicant);
    await this.family();
    for (const applicant of PASSENGERS)
      await this.act(liaison, applicant, 'record-transfer-reply', { reply: 'accepted', reference: 'GT-2019-0117' });
    await narration.watch(`${names(EVERYBODY)} are screened; Guatemala accepts all but ${TULIO.givenNames}, for whom no answer comes`);

    await this.at('2019-12-10T15:00:00Z', `nobody answered for ${TULIO.givenNames} in 14 days`);
    await this.manifest();

    await this.at('2019-12-12T11:00:00Z');
    for (const applicant of PASSENGERS) await this.act(liaison, applicant, 'tell-destination', { country: 'GT', language: 'es' });
    narration.tellOf(
      'liaison',
      'opens boarding: everything is checked again, for each',
      await this.post(liaison, `manifests/${this.manifestId}/open-boarding`, {}),
    );
    await this.at('2019-12-12T11:10:00Z');

    narration.tellOf(
      'caseworker',
      `writes down that ${ROSA.givenNames} fears to be found in Guatemala`,
      await this.act(caseworker, ROSA, 'express-fear', {
        country: 'GT',
        account: 'The man who threatened her has moved to Guatemala City.',
      }),
    );
    await this.at('2019-12-12T11:20:00Z');

    const order = { kind: 'court-order', reference: 'Docket 19-cv-00482', caseIds: [this.caseOf(DENIS)] };
    narration.tellOf('supervisor', `enters a court's order for ${DENIS.givenNames}`, await this.post(supervisor, 'hold-orders', order));
    await this.at('2019-12-12T11:30:00Z');

    narration.tellOf(
      'admin',
      'suspends the agreement: the last passenger has been cleared already',
      await this.post(admin, 'agreements/GT/suspend', { from: narration.now, scope: 'transfers', reasonCode: 'consultation' }),
    );
    await this.at('2019-12-12T11:40:00Z');

    narration.tellOf(
      'liaison',
      `lets the flight depart with ${ELSA.givenNames} all the same`,
      await this.post(liaison, `manifests/${this.manifestId}/depart`, { boarded: [this.caseOf(ELSA)] }, [409]),
    );
    narration.tellOf(
      'liaison',
      'records a departure without the flight',
      await this.act(liaison, ELSA, 'record-departure', { flight: FLIGHT }, [409]),
    );
    narration.tellOf(
      'liaison',
      'cancels the flight',
      await this.post(liaison, `manifests/${this.manifestId}/cancel`, { reasonCode: 'agreement-suspended' }),
    );
    await this.at('2019-12-13T15:00:00Z');

    narration.tellOf('admin', 'reinstates the agreement', await this.post(admin, 'agreements/GT/reinstate', { from: narration.now }));
    await this.at('2019-12-13T16:00:00Z');

    narration.tellOf(
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
    narration.tellOf(
      'supervisor',
      'confirms: she is not transferred',
      await this.act(supervisor, ROSA, 'confirm-determination', { determinationId: await this.determinationOf(ROSA) }, [], 'again'),
    );
    await this.act(secondSupervisor, MATEO, 'refer-to-us-procedure', { ground: 'family-unity' });
    narration.tellOf(
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
    await act('serve-notice', { notice: 'Notice of transfer to Guatemala', language: 'es', readBack: true });
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
    this.narration.tellOf(
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
    this.narration.line(
      'auditor',
      `asks what was known of ${ELSA.givenNames} before the suspension`,
      `revision ${String(body['revision'])}: ${status}, cleared until ${String(transfer.clearedUntil)}, ${holds.length} holds`,
    );
  }

  private async report(): Promise<void> {
    const { body } = await this.office.query(this.staff.reporting, '/v1/reports/safeguards?country=GT');
    this.narration.line(
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
    this.narration.now = instant;
    await this.narration.watch(because);
  }

  /** Undefined before it is opened. */
  private async fileOf(applicant: Applicant): Promise<File | undefined> {
    const { body } = await this.office.query(this.staff.supervisor, `/v1/cases?q=${this.caseOf(applicant)}`);
    if ((body['rows'] as unknown[]).length === 0) return undefined;
    return (await this.office.query(this.staff.supervisor, `/v1/cases/${this.caseOf(applicant)}`)).body as File;
  }

  private async determinationOf(applicant: Applicant): Promise<string> {
    const determinationId = (await this.fileOf(applicant))?.screening?.determination?.determinationId;
    if (determinationId === undefined) throw new Error(`${applicant.givenNames} has no determination`);
    return determinationId;
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
