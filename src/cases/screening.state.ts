import type { PartnerCountry } from '../agreements/agreement.events.js';
import { Series } from '../event-store/series.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { ScreeningEvent } from './case.events.js';
import type { AsylumCase, Determination, Fear, Said, Screening } from './case.state.js';
import { carriedFrom, exceptionsOf, fearOf } from './standing.state.js';
import type { Status } from './case.status.js';

/** Screening, its determination, and what is learned about fear at any time. */
export function evolveScreening(asylumCase: AsylumCase, event: Recorded<ScreeningEvent>): AsylumCase {
  const { occurredAt, recordedAt, actor } = event.metadata;
  switch (event.type) {
    case 'ScreeningStarted': {
      const { screeningId, country } = event.data;
      const screening: Screening = {
        screeningId,
        country,
        startedAt: occurredAt,
        officers: [actor.id],
        notice: null,
        fearInquiry: null,
        exceptions: asylumCase.earlierExceptions,
        determination: null,
      };
      // What was said or found before counts; that it was assessed in an earlier screening does not.
      const before = fearOf(asylumCase, country);
      const fear = { ...before, expressed: before.expressed || before.established === true, assessed: false, established: null };
      return { ...asylumCase, status: 'screening', screening, fears: { ...asylumCase.fears, [country]: fear } };
    }
    case 'NoticeServed': {
      const { notice, readBack } = event.data;
      const before = asylumCase.screening?.notice?.readBack ?? false;
      return byOfficer(asylumCase, actor.id, {
        notice: { notice, ...said(event.data), readBack: readBack || before, servedAt: occurredAt },
      });
    }
    case 'FearInquiryMade': {
      const { fearsPartnerCountry } = event.data;
      const fearInquiry = { fearsPartnerCountry, ...said(event.data), account: event.personal?.account ?? null, askedAt: occurredAt };
      return byOfficer(asylumCase, actor.id, { fearInquiry });
    }
    case 'FearExpressed': {
      const fear = fearOf(asylumCase, event.data.country);
      const accounts = fear.accounts.with({ at: occurredAt, account: event.personal?.account ?? null, ...carriedFrom(event.data) });
      return withFear(asylumCase, event.data.country, {
        expressed: true,
        assessed: false,
        established: fear.established || null,
        accounts,
      });
    }
    case 'ExceptionEstablished': {
      const exceptions = [
        ...exceptionsOf(asylumCase),
        { ground: event.data.ground, evidence: event.personal?.evidence ?? null, establishedAt: recordedAt, ...carriedFrom(event.data) },
      ];
      return asylumCase.screening ? byOfficer(asylumCase, actor.id, { exceptions }) : { ...asylumCase, earlierExceptions: exceptions };
    }
    case 'FearAssessed': {
      const { country, established } = event.data;
      const assessed = withFear(asylumCase, country, { ...fearOf(asylumCase, country), assessed: true, established });
      return byOfficer(assessed, actor.id, {});
    }
    case 'DeterminationSubmitted': {
      const { determinationId, outcome } = event.data;
      const determination: Determination = {
        determinationId,
        outcome,
        status: 'submitted',
        submittedBy: actor.id,
        submittedAt: recordedAt,
        confirmedBy: null,
        reasons: event.personal?.reasons ?? null,
      };
      return byOfficer({ ...asylumCase, status: 'awaiting-review' }, actor.id, { determination });
    }
    case 'DeterminationConfirmed':
      return withDetermination(
        { ...asylumCase, status: event.data.outcome === 'amenable' ? 'amenable' : 'screened-out' },
        { status: 'confirmed', confirmedBy: actor.id },
      );
    case 'DeterminationReturned':
      return withDetermination({ ...asylumCase, status: 'screening' }, { status: 'returned' });
    case 'DeterminationReopened':
      return backToScreening(asylumCase);
    case 'ProtectionAlertRaised': {
      const alert = { alertId: event.data.alertId, cause: event.data.cause, raisedAt: recordedAt, answeredAt: null, answer: null };
      return { ...asylumCase, protectionAlerts: asylumCase.protectionAlerts.with(alert) };
    }
    case 'ProtectionAlertAnswered': {
      const answered = { answeredAt: recordedAt, answer: event.personal?.answer ?? null };
      const protectionAlerts = asylumCase.protectionAlerts.map(alert =>
        alert.alertId === event.data.alertId ? { ...alert, ...answered } : alert,
      );
      return { ...asylumCase, protectionAlerts: Series.of(protectionAlerts) };
    }
    case 'ReferredToUsProcedure':
      return { ...asylumCase, status: 'us-procedure', transfer: withoutClearance(asylumCase) };
    case 'ReferredToProgramme':
      return { ...asylumCase, programmes: asylumCase.programmes.with({ programme: event.data.programme, at: recordedAt }) };
  }
}

/** Back to the same screening, or to `opened` for who was never screened; a determination must be drawn up again. */
export function backToScreening(asylumCase: AsylumCase): AsylumCase {
  const status: Status = asylumCase.screening ? 'screening' : 'opened';
  // A closed file stays closed, and goes on from there once it is reopened.
  const back = asylumCase.status === 'closed' ? { statusBeforeClosing: status } : { status };
  return withDetermination({ ...asylumCase, ...back, transfer: withoutClearance(asylumCase) }, { status: 'reopened' });
}

const said = ({ language, interpreterId }: { readonly language: string; readonly interpreterId?: string }): Said => ({
  language,
  interpreted: interpreterId !== undefined,
});

export const voided = { clearedAt: null, clearedUntil: null, clearedUnder: null };
export const withoutClearance = ({ transfer }: AsylumCase): AsylumCase['transfer'] => transfer && { ...transfer, ...voided };

const byOfficer = (asylumCase: AsylumCase, officer: string, learned: Partial<Screening>): AsylumCase => {
  const { screening } = asylumCase;
  if (!screening) return asylumCase;
  const officers = screening.officers.includes(officer) ? screening.officers : [...screening.officers, officer];
  return { ...asylumCase, screening: { ...screening, ...learned, officers } };
};

const withDetermination = (asylumCase: AsylumCase, change: Partial<Determination>): AsylumCase => {
  const { screening } = asylumCase;
  return screening?.determination
    ? { ...asylumCase, screening: { ...screening, determination: { ...screening.determination, ...change } } }
    : asylumCase;
};

const withFear = (asylumCase: AsylumCase, country: PartnerCountry, fear: Fear): AsylumCase => ({
  ...asylumCase,
  fears: { ...asylumCase.fears, [country]: fear },
});
