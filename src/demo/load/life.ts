import type { PartnerCountry } from '../../agreements/agreement.events.js';
import { uuidV5 } from '../../event-store/command-identity.js';
import { dayOf, plusHours } from '../../fields/time.js';
import { FAMILY, FEMALE, MALE, numbers, OFFICES } from '../cohort.js';

/** Namespace of ids of synthetic load. */
const LOAD = '0a4d9c1e-94c5-4a0c-8d57-6d3e0f1b7c52';
const CASEWORKERS = 12;

/** What somebody does with the case; a confirmation must name the determination that it is of. */
export interface Step {
  readonly by: 'caseworker' | 'supervisor' | 'liaison';
  readonly command: string;
  readonly body: object | ((determinationId: string) => object);
}

/** In which part of a life a step is: how many hours before the flight, all of that part, it is done. */
export const STAGES = { intake: 96, screening: 72, review: 48, request: 40, reply: 30, preparation: 24, afterwards: -72 } as const;
export type Stage = keyof typeof STAGES;

/** What happens to one invented person, the same for the same seed and number. */
export interface Life {
  readonly caseId: string;
  readonly office: string;
  readonly caseworker: string;
  readonly country: PartnerCountry;
  readonly flies: boolean;
  readonly steps: Readonly<Record<Stage, readonly Step[]>>;
}

export const idOfLoad = (seed: number, name: string): string => uuidV5(`${seed} ${name}`, LOAD);

export const FROM: Readonly<Record<PartnerCountry, readonly string[]>> = { GT: ['HN', 'SV'], HN: ['SV', 'GT'], SV: ['HN', 'GT'] };
const COUNTRIES: readonly PartnerCountry[] = ['GT', 'GT', 'HN', 'SV'];
const WORDS = ['shelter', 'interpreter', 'papers', 'doctor', 'lawyer', 'sister', 'school', 'appointment', 'telephone', 'medicine'];

/** @param flightAt when those who fly depart, RFC 3339 UTC */
export function lifeOf(seed: number, number: number, flightAt: string): Life {
  const next = numbers((seed * 0x9e3779b1 + number * 0x85ebca6b) >>> 0);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  const below = (count: number): number => Math.floor(next() * count);
  const [country, office, sex, fate] = [pick(COUNTRIES), pick(OFFICES), pick(['female', 'male']), next()];
  const caseworker = `cw-${office.toLowerCase()}-${1 + below(CASEWORKERS)}`;
  const encounterAt = plusHours(flightAt, -STAGES.intake - 1 - below(24));
  const [goesOn, fears, refused] = [fate >= 0.1, fate >= 0.1 && fate < 0.2, fate >= 0.2 && fate < 0.25];
  const flies = goesOn && !fears && !refused;
  const language = 'es';
  const opening = {
    applicant: {
      givenNames: pick(sex === 'female' ? FEMALE : MALE),
      familyName: `${pick(FAMILY)} ${pick(FAMILY)}`,
      birthDate: `${1960 + below(40)}-${two(1 + below(12))}-${two(1 + below(28))}`,
      sex,
      alienNumber: `A${100_000_000 + ((seed * 7_919_003 + number) % 800_000_000)}`,
      nationalities: [pick(FROM[country])],
      languages: ['es'],
      accompaniedBy: 'none',
    },
    encounter: { at: encounterAt, day: dayOf(encounterAt), place: 'Paso del Norte', manner: pick(['port-of-entry', 'between-ports']) },
    documents: 'none',
  };
  const note = (): Step => ({ by: 'caseworker', command: 'AddNote', body: { text: `About the ${pick(WORDS)} and the ${pick(WORDS)}.` } });
  const notes = (atMost: number): Step[] => Array.from({ length: below(atMost + 1) }, note);
  const by = (who: Step['by'], command: string, body: Step['body']): Step => ({ by: who, command, body });
  const screening = [
    by('caseworker', 'StartScreening', { country, language }),
    by('caseworker', 'ServeNotice', { notice: `transfer-to-${country.toLowerCase()}`, readBack: true, language }),
    by('caseworker', 'RecordFearInquiry', { fearsPartnerCountry: fears, language, ...(fears && { account: 'Was followed there.' }) }),
    ...(fears ? [by('caseworker', 'AssessFear', { persecution: true, torture: false, reasons: 'Detailed and consistent.' })] : []),
    by('caseworker', 'SubmitDetermination', { outcome: fears ? 'not-amenable' : 'amenable', reasons: 'As recorded.' }),
  ];
  const applies = flies && next() < 0.05;
  return {
    caseId: idOfLoad(seed, `case ${number}`),
    office,
    caseworker,
    country,
    flies,
    steps: {
      intake: [
        by('caseworker', 'OpenCase', opening),
        by('caseworker', 'RecordProtectionClaim', { protection: 'asylum', statement: 'Cannot go back.' }),
        by('caseworker', 'AssignCase', { caseworkerId: caseworker }),
        ...notes(3),
      ],
      screening: goesOn ? [...screening, ...notes(1)] : [],
      review: goesOn ? [by('supervisor', 'ConfirmDetermination', determinationId => ({ determinationId }))] : [],
      request: fears
        ? [by('supervisor', 'ReferToUsProcedure', { ground: 'fear-established' })]
        : goesOn
          ? [by('liaison', 'RequestTransfer', { country })]
          : [],
      reply: flies
        ? [by('liaison', 'RecordTransferReply', { reply: 'accepted', reference: `${country}-${number}` })]
        : refused
          ? [by('liaison', 'RecordTransferReply', { reply: 'refused', reference: `${country}-${number}`, reasonCode: 'capacity' })]
          : [],
      preparation: flies ? [by('liaison', 'TellDestination', { country, language }), ...notes(1)] : [],
      afterwards: applies
        ? [
            by('liaison', 'RecordAsylumIntention', { country }),
            by('liaison', 'RecordAsylumApplication', { country, authority: 'The asylum office', reference: `ASY-${number}` }),
          ]
        : [],
    },
  };
}

/** What has to be agreed with a country before anybody is screened under it. */
export const agreed = (country: PartnerCountry): readonly (readonly [command: string, body: object])[] => [
  ['Sign', { on: '2019-07-26' }],
  [
    'PublishRules',
    {
      replyDays: 14,
      acceptanceValidDays: 60,
      clearanceValidHours: 24,
      followUp: ['PT72H', 'P30D', 'P90D'],
      acceptedNationalities: [...FROM[country]],
    },
  ],
  ['AgreeImplementationPlan', { on: '2019-11-15' }],
  ['BringIntoForce', { from: '2019-11-15' }],
];

const two = (value: number): string => String(value).padStart(2, '0');
