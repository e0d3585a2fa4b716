import { DomainError } from '../event-store/domain-error.js';
import { misfit, notThere, type Moment } from '../event-store/rule.js';
import { dayOf } from '../fields/time.js';
import type { PartnerCountry } from '../agreements/agreement.events.js';
import {
  newInformation,
  notUnderstood,
  outOfOrder,
  seatOf,
  sealed,
  understoodBy,
  type CaseBroken,
  type CaseRule,
  type WithAgreement,
} from './case.rules.js';
import type { CaseEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import { countryOf, countsAsMinor, exceptionsOf, fearOf } from './standing.state.js';
import type {
  AnswerProtectionAlert,
  AssessFear,
  ConfirmDetermination,
  EstablishException,
  ExpressFear,
  RecordFearInquiry,
  ReferToProgramme,
  ReferToUsProcedure,
  ReturnDetermination,
  ServeNotice,
  StartScreening,
  SubmitDetermination,
} from './screening.commands.js';

/** The rule covers only arrivals on or after this day (84 FR 63994). */
const US_RULE_EFFECTIVE = '2019-11-19';

const EXCEPTIONS = [
  'unaccompanied-minor',
  'valid-visa',
  'admission-document',
  'visa-not-required',
  'national-of-partner-country',
  'habitual-resident-of-partner-country',
  'public-interest',
];

const notAssigned = ({ assignedTo }: AsylumCase, { actor }: Moment): CaseBroken =>
  assignedTo !== actor.id && !actor.roles.includes('supervisor') && 'not-assigned';

/** Why this person is not transferred under any agreement at all. */
function neverCovered(asylumCase: AsylumCase): CaseBroken[] {
  // Of an erased person nothing is known.
  const { nationalities = [], nationalityUnknown, accompaniedBy } = asylumCase.applicant ?? { nationalityUnknown: true };
  const accompanied = accompaniedBy === 'parent' || accompaniedBy === 'legal-guardian';
  return [
    nationalityUnknown === true && 'national-of-partner-country',
    nationalities.includes('US') && 'us-national',
    countsAsMinor(asylumCase) && !accompanied && 'unaccompanied-minor',
    ['valid-visa', 'admission-document', 'visa-not-required'].includes(asylumCase.documents) && 'visa-exempt',
  ];
}

/** Why this person is not transferred under this agreement. */
function notCovered(asylumCase: AsylumCase, country: PartnerCountry, { agreement }: WithAgreement): CaseBroken[] {
  const { nationalities = [], habitualResidence } = asylumCase.applicant ?? {};
  const stateless = nationalities.length === 0;
  const ofCountry = nationalities.includes(country) || (stateless && habitualResidence === country);
  const accepted = agreement?.ruleSet?.acceptedNationalities;
  return [
    ofCountry && 'national-of-partner-country',
    accepted !== undefined && !nationalities.some(nationality => accepted.includes(nationality)) && 'nationality-not-covered',
    ...neverCovered(asylumCase),
  ];
}

export const startScreening: CaseRule<StartScreening, WithAgreement> = {
  standing: (asylumCase, moment) => [
    notAssigned(asylumCase, moment),
    asylumCase.claim === null && 'claim-not-recorded',
    ...neverCovered(asylumCase),
  ],
  asked: ({ country }, asylumCase, facts) => [
    facts.agreement?.standing !== 'in-force' && 'agreement-not-in-force',
    predates(asylumCase, facts) && 'encounter-predates-agreement',
    ...notCovered(asylumCase, country, facts),
  ],
  events: (command, _, { newId }) => [
    { type: 'ScreeningStarted', data: { screeningId: newId('screening'), country: command.country, ...understoodBy(command) } },
  ],
};

function predates({ encounter }: AsylumCase, { agreement }: WithAgreement): boolean {
  const inForceFrom = agreement?.inForceFrom;
  return encounter.day < US_RULE_EFFECTIVE || (Boolean(inForceFrom) && encounter.day < dayOf(inForceFrom ?? ''));
}

export const serveNotice: CaseRule<ServeNotice> = {
  standing: (asylumCase, moment) => [notAssigned(asylumCase, moment)],
  asked: (command, asylumCase, moment) => [outOfOrder(asylumCase, moment), notUnderstood(asylumCase, command)],
  events: (command, asylumCase) => [
    {
      type: 'NoticeServed',
      data: { screeningId: screeningOf(asylumCase), notice: command.notice, readBack: command.readBack, ...understoodBy(command) },
    },
  ],
};

export const recordFearInquiry: CaseRule<RecordFearInquiry> = {
  standing: (asylumCase, moment) => [notAssigned(asylumCase, moment)],
  asked: (command, asylumCase, moment) => [outOfOrder(asylumCase, moment), notUnderstood(asylumCase, command)],
  events: (command, asylumCase) => {
    const { fearsPartnerCountry, account } = command;
    const country = asylumCase.screening?.country;
    return [
      {
        type: 'FearInquiryMade',
        data: { screeningId: screeningOf(asylumCase), fearsPartnerCountry, ...understoodBy(command) },
        ...sealed({ account }),
      },
      ...(fearsPartnerCountry && country ? [{ type: 'FearExpressed' as const, data: { country }, ...sealed({ account }) }] : []),
    ];
  },
};

export const expressFear: CaseRule<ExpressFear> = {
  events: ({ country, account }, asylumCase, moment) => [
    { type: 'FearExpressed', data: { country }, ...sealed({ account }) },
    ...afterFear(asylumCase, moment, country),
  ],
};

/** Fear of another country than the one in question waits for a screening under that one's agreement. */
export const afterFear = (asylumCase: AsylumCase, moment: Moment, country: PartnerCountry): CaseEvent[] =>
  [null, country].includes(countryOf(asylumCase)) ? newInformation(asylumCase, moment, 'fear') : [];

export const establishException: CaseRule<EstablishException, WithAgreement> = {
  standing: (asylumCase, moment) => [notAssigned(asylumCase, moment)],
  unfit: ({ ground }, _, { agreement, actor }) => {
    if (![...EXCEPTIONS, ...(agreement?.ruleSet?.additionalExceptionGrounds ?? [])].includes(ground))
      return misfit('/ground', 'invalid', 'Is no ground of exception under this agreement.');
    const bySupervisor = ground !== 'public-interest' || actor.roles.includes('supervisor');
    return !bySupervisor && new DomainError('role-not-allowed', 'Only a supervisor may establish an exception in the public interest.');
  },
  events: ({ ground, evidence }, asylumCase, moment) => [
    { type: 'ExceptionEstablished', data: { screeningId: asylumCase.screening?.screeningId ?? null, ground }, personal: { evidence } },
    ...newInformation(asylumCase, moment, 'exception'),
  ],
};

export const assessFear: CaseRule<AssessFear> = {
  standing: (asylumCase, moment) => [notAssigned(asylumCase, moment)],
  events: ({ persecution, torture, reasons }, { screening }) =>
    screening
      ? [
          {
            type: 'FearAssessed',
            data: {
              screeningId: screening.screeningId,
              country: screening.country,
              persecution,
              torture,
              established: persecution || torture,
            },
            personal: { reasons },
          },
        ]
      : [],
};

/** What a determination needs, whatever its outcome. */
const notPrepared = (asylumCase: AsylumCase): CaseBroken[] => {
  const fear = fearOf(asylumCase, asylumCase.screening?.country);
  return [
    !asylumCase.screening?.notice?.readBack && 'notice-not-served',
    !asylumCase.screening?.fearInquiry && 'fear-inquiry-missing',
    fear.expressed && !fear.assessed && 'fear-not-assessed',
  ];
};

/** What contradicts that the person is amenable to a transfer. */
const notAmenable = (asylumCase: AsylumCase, facts: WithAgreement): CaseBroken[] => {
  const { screening } = asylumCase;
  if (!screening) return [];
  return [
    ...notCovered(asylumCase, screening.country, facts),
    fearOf(asylumCase, screening.country).established && 'fear-established',
    exceptionsOf(asylumCase).length > 0 && 'exception-established',
  ];
};

export const submitDetermination: CaseRule<SubmitDetermination, WithAgreement> = {
  standing: (asylumCase, moment) => [notAssigned(asylumCase, moment), ...notPrepared(asylumCase)],
  asked: ({ outcome }, asylumCase, facts) => (outcome === 'amenable' ? notAmenable(asylumCase, facts) : []),
  events: ({ outcome, reasons }, { screening }, { newId }) =>
    screening
      ? [
          {
            type: 'DeterminationSubmitted',
            data: { determinationId: newId('determination'), screeningId: screening.screeningId, country: screening.country, outcome },
            personal: { reasons },
          },
        ]
      : [],
};

const underReview = ({ screening }: AsylumCase) => screening?.determination;

export const confirmDetermination: CaseRule<ConfirmDetermination, WithAgreement> = {
  standing: (asylumCase, facts) => [
    ...notPrepared(asylumCase),
    ...(underReview(asylumCase)?.outcome === 'amenable' ? notAmenable(asylumCase, facts) : []),
    asylumCase.screening?.officers.includes(facts.actor.id) && 'same-officer',
  ],
  asked: ({ determinationId }, asylumCase) => [underReview(asylumCase)?.determinationId !== determinationId && 'stale-determination'],
  events: ({ determinationId, reasons }, asylumCase) => [
    {
      type: 'DeterminationConfirmed',
      data: { determinationId, outcome: underReview(asylumCase)?.outcome ?? 'not-amenable' },
      ...sealed({ reasons }),
    },
    ...asylumCase.holds
      .filter(hold => hold.reopening)
      .map((hold): CaseEvent => ({ type: 'TransferHoldReleased', data: { holdId: hold.holdId } })),
  ],
};

export const returnDetermination: CaseRule<ReturnDetermination> = {
  asked: ({ determinationId }, asylumCase) => [underReview(asylumCase)?.determinationId !== determinationId && 'stale-determination'],
  events: ({ determinationId, reasons }) => [{ type: 'DeterminationReturned', data: { determinationId }, ...sealed({ reasons }) }],
};

export const referToUsProcedure: CaseRule<ReferToUsProcedure> = {
  events: ({ ground, note }, asylumCase) => [
    { type: 'ReferredToUsProcedure', data: { ground, ...seatOf(asylumCase) }, ...sealed({ note }) },
  ],
};

export const referToProgramme: CaseRule<ReferToProgramme> = {
  events: ({ programme, note }) => [{ type: 'ReferredToProgramme', data: { programme }, ...sealed({ note }) }],
};

export const answerProtectionAlert: CaseRule<AnswerProtectionAlert> = {
  unfit: ({ alertId }, { protectionAlerts }) => !protectionAlerts.some(alert => alert.alertId === alertId) && notThere('/alertId'),
  events: ({ alertId, answer }, { protectionAlerts }) =>
    protectionAlerts.some(alert => alert.alertId === alertId && alert.answeredAt === null)
      ? [{ type: 'ProtectionAlertAnswered', data: { alertId }, personal: { answer } }]
      : [],
};

const screeningOf = ({ screening }: AsylumCase): string => screening?.screeningId ?? '';
