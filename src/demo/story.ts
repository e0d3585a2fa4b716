import { uuidV5 } from '../event-store/command-identity.js';
import { dayOf, plusDays, plusHours } from '../fields/time.js';
import type { Role } from '../http/roles.js';
import type { FlightOfCohort, Traveller } from './cohort.js';
import { cohort, OFFICES } from './cohort.js';
import { Office, type Answer, type Person } from './office.js';

/** Namespace of the story's keys and ids: the same seed tells the same story, and a repeat doubles nothing. */
const STORY = '3d0b4f0c-6a57-4c52-8b8e-0d5d9f6f2a11';
/** Requests under way at once. */
const AT_ONCE = 16;

export interface Staff {
  readonly admin: Person;
  readonly liaison: Person;
  readonly approver: Person;
  readonly caseworkers: Readonly<Record<string, Person>>;
  readonly supervisors: Readonly<Record<string, Person>>;
}

/** Who acts in the story; `person` makes a token for each. */
export async function staffOf(person: (sub: string, role: Role, office: string) => Promise<Person>): Promise<Staff> {
  const perOffice = async (prefix: string, role: Role) =>
    Object.fromEntries(
      await Promise.all(OFFICES.map(async office => [office, await person(`${prefix}-${office.toLowerCase()}`, role, office)] as const)),
    );
  return {
    admin: await person('adm-demo', 'admin', 'HQ'),
    liaison: await person('li-demo', 'liaison', 'HQ'),
    approver: await person('sup-demo', 'supervisor', 'HQ'),
    caseworkers: await perOffice('cw', 'caseworker'),
    supervisors: await perOffice('sup', 'supervisor'),
  };
}

/** Tells the documented story of the Guatemalan agreement over HTTP, as the people of the offices would. */
export class Story {
  constructor(
    private readonly office: Office,
    private readonly staff: Staff,
    private readonly seed: number,
    private readonly progress: (people: number) => void,
    private readonly flights: readonly FlightOfCohort[] = cohort(seed),
  ) {}

  get people(): number {
    return this.flights.reduce((sum, { travellers }) => sum + travellers.length, 0);
  }

  async tell(): Promise<void> {
    await this.agreement();
    for (const flight of this.flights) await this.fly(flight);
    await this.office.moveClock(this.staff.admin, '2020-03-17T00:00:00Z');
  }

  /** In force since 2019-11-15; the rule of the United States took effect on the 19th. */
  private async agreement(): Promise<void> {
    const rules = {
      replyDays: 14,
      acceptanceValidDays: 60,
      clearanceValidHours: 24,
      followUp: ['PT72H', 'P30D', 'P90D'],
      acceptedNationalities: ['HN', 'SV'],
    };
    const steps: readonly (readonly [string, object])[] = [
      ['sign', { on: '2019-07-26' }],
      ['publish-rules', rules],
      ['agree-implementation-plan', { on: '2019-11-15' }],
      ['bring-into-force', { from: '2019-11-15' }],
    ];
    for (const [step, body] of steps) await this.post(this.staff.admin, `agreements/GT/${step}`, body, step);
  }

  private async fly(flight: FlightOfCohort): Promise<void> {
    const { travellers, departsAt } = flight;
    const { admin } = this.staff;
    const before = (hours: number): Promise<void> => this.office.moveClock(admin, plusHours(departsAt, -hours));

    await before(48);
    await this.each(travellers, traveller => this.screen(traveller));
    const screened = travellers.filter(({ fate }) => fate !== 'not-covered');
    await before(27);
    await this.each(screened, traveller => this.review(traveller));
    const requested = screened.filter(({ fate }) => fate !== 'fear-established');
    await before(22);
    await this.each(requested, traveller => this.reply(traveller));
    const accepted = requested.filter(({ fate }) => fate !== 'refused');
    await this.manifest(flight, accepted);
    await before(12);
    await this.each(accepted, traveller => this.prepare(traveller));
    await before(3);
    await this.post(this.staff.liaison, `manifests/${this.id(flight.flight)}/open-boarding`, {}, `${flight.flight} open boarding`);
    await before(0);
    const boarded = await this.board(flight);
    await this.office.moveClock(admin, plusHours(departsAt, 4));
    await this.post(
      this.staff.liaison,
      `manifests/${this.id(flight.flight)}/confirm-arrival`,
      { arrived: boarded, receivedBy: 'Arrivals desk, La Aurora' },
      `${flight.flight} arrival`,
    );
    await this.office.moveClock(admin, plusDays(departsAt, 2));
    await this.each(
      travellers.filter(({ applies }) => applies),
      traveller => this.apply(traveller),
    );
    this.progress(travellers.length);
  }

  private async screen(traveller: Traveller): Promise<void> {
    const { office, fate, languages, interpreterId, encounterAt } = traveller;
    const caseworker = this.staff.caseworkers[office] as Person;
    const { givenNames, familyName, birthDate, sex, alienNumber, nationality, accompaniedBy } = traveller;
    await this.post(
      caseworker,
      'cases',
      {
        caseId: this.caseOf(traveller),
        applicant: { givenNames, familyName, birthDate, sex, alienNumber, nationalities: [nationality], languages, accompaniedBy },
        encounter: { at: encounterAt, day: dayOf(encounterAt), place: 'Paso del Norte', manner: 'between-ports' },
        documents: 'none',
      },
      `open ${traveller.number}`,
    );
    const understood = {
      language: interpreterId ? 'es' : (languages.find(language => language.startsWith('es')) ?? 'es'),
      ...(interpreterId && { interpreterId }),
    };
    const act = (command: string, body: object, accepted: readonly number[] = []) =>
      this.act(caseworker, traveller, command, body, accepted);
    await act('record-protection-claim', { protection: 'asylum' });
    await act('assign-case', { caseworkerId: caseworker.sub });
    if (fate === 'evidence-kept')
      await act('record-evidence', { evidenceId: this.id(`evidence ${traveller.number}`), description: 'A folder of police reports.' });
    // A person whom the agreement does not cover is not screened under it: the refusal is what is expected.
    await act('start-screening', { country: 'GT', ...understood }, fate === 'not-covered' ? [409] : []);
    if (fate === 'not-covered') return;
    await act('serve-notice', { notice: 'Notice of transfer to Guatemala', readBack: true, ...understood });
    const fears = fate === 'fear-established';
    await act('record-fear-inquiry', {
      fearsPartnerCountry: fears,
      ...understood,
      ...(fears && { account: 'Was followed from home to Guatemala City.' }),
    });
    if (fears) await act('assess-fear', { persecution: true, torture: false, reasons: 'The account is detailed and consistent.' });
    await act('submit-determination', { outcome: fears ? 'not-amenable' : 'amenable', reasons: 'As recorded in this screening.' });
  }

  private async review(traveller: Traveller): Promise<void> {
    const supervisor = this.staff.supervisors[traveller.office] as Person;
    const { body } = await this.office.query(supervisor, `/v1/cases/${this.caseOf(traveller)}`);
    const { determination } = body['screening'] as { determination: { determinationId: string } };
    await this.act(supervisor, traveller, 'confirm-determination', { determinationId: determination.determinationId });
    if (traveller.fate === 'fear-established')
      await this.act(supervisor, traveller, 'refer-to-us-procedure', { ground: 'fear-established' });
    else await this.act(this.staff.liaison, traveller, 'request-transfer', { country: 'GT' });
  }

  private async reply(traveller: Traveller): Promise<void> {
    const refused = traveller.fate === 'refused';
    const reply = {
      reply: refused ? 'refused' : 'accepted',
      reference: `GT-REPLY-${traveller.number}`,
      ...(refused && { reasonCode: 'capacity' }),
    };
    await this.act(this.staff.liaison, traveller, 'record-transfer-reply', reply);
  }

  private async manifest({ flight, departsAt, week }: FlightOfCohort, passengers: readonly Traveller[]): Promise<void> {
    const { admin, liaison, approver } = this.staff;
    const manifestId = this.id(flight);
    await this.post(admin, 'reception/GT/declare-capacity', { week, places: 100 }, `${flight} capacity`);
    await this.post(liaison, 'manifests', { manifestId, country: 'GT', flight, departsAt, week }, `${flight} draft`);
    let revision = 0;
    await this.each(passengers, async traveller => {
      const { body } = await this.post(
        liaison,
        `manifests/${manifestId}/add-passenger`,
        { caseId: this.caseOf(traveller) },
        `${flight} add ${traveller.number}`,
      );
      revision = Math.max(revision, Number(body['revision']));
    });
    await this.post(approver, `manifests/${manifestId}/approve`, { revision }, `${flight} approve`);
  }

  /** Told where the flight goes; for some, something comes up. */
  private async prepare(traveller: Traveller): Promise<void> {
    const { liaison } = this.staff;
    const { interpreterId, languages } = traveller;
    await this.act(liaison, traveller, 'tell-destination', {
      country: 'GT',
      language: interpreterId ? 'es' : (languages.find(language => language.startsWith('es')) ?? 'es'),
      ...(interpreterId && { interpreterId }),
    });
    if (traveller.fate === 'held')
      await this.act(liaison, traveller, 'place-hold', {
        holdId: this.id(`hold ${traveller.number}`),
        kind: 'medical',
        note: 'Fever since this morning.',
      });
  }

  /** On board goes who is still on the manifest once the gate has done its work. */
  private async board({ flight }: FlightOfCohort): Promise<string[]> {
    const { liaison } = this.staff;
    const manifestId = this.id(flight);
    const { body } = await this.office.query(liaison, `/v1/manifests/${manifestId}`);
    const boarded = (body['passengers'] as { caseId: string }[]).map(({ caseId }) => caseId);
    await this.post(liaison, `manifests/${manifestId}/depart`, { boarded }, `${flight} depart`);
    return boarded;
  }

  private async apply(traveller: Traveller): Promise<void> {
    await this.act(this.staff.liaison, traveller, 'record-asylum-intention', { country: 'GT' });
    await this.act(this.staff.liaison, traveller, 'record-asylum-application', {
      country: 'GT',
      authority: 'Instituto Guatemalteco de Migración',
      reference: `GT-ASYLUM-${traveller.number}`,
    });
  }

  private act(person: Person, traveller: Traveller, command: string, body: object, accepted: readonly number[] = []): Promise<Answer> {
    return this.office.command(
      person,
      `/v1/cases/${this.caseOf(traveller)}/${command}`,
      body,
      this.id(`${command} ${traveller.number}`),
      accepted,
    );
  }

  private post(person: Person, path: string, body: object, step: string): Promise<Answer> {
    return this.office.command(person, `/v1/${path}`, body, this.id(step));
  }

  private caseOf = ({ number }: Traveller): string => this.id(`case ${number}`);
  private id = (name: string): string => uuidV5(`${this.seed} ${name}`, STORY);

  private async each(travellers: readonly Traveller[], work: (traveller: Traveller) => Promise<void>): Promise<void> {
    const waiting = [...travellers];
    const worker = async (): Promise<void> => {
      for (let traveller = waiting.shift(); traveller; traveller = waiting.shift()) await work(traveller);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, travellers.length) }, worker));
  }
}
