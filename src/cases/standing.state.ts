import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { AgreementFacts } from '../agreements/agreement.facts.js';
import { Series } from '../event-store/series.js';
import { isAfter, isBefore } from '../fields/time.js';
import { speaks } from './applicant.state.js';
import type { AsylumCase, Carried, Exception, Fear, Transfer } from './case.state.js';
import { ABROAD, UNDER_WAY, type Status } from './case.status.js';

/* What is asked of a case, by rules, facts and read models alike. */

/** Where it was told, as what is remembered of an event keeps it. */
export const carriedFrom = ({ from }: Carried): Carried => (from ? { from } : {});

const noFear: Fear = { expressed: false, assessed: false, established: null, accounts: Series.of([]) };

export const fearOf = (asylumCase: AsylumCase, country: PartnerCountry | undefined): Fear =>
  (country && asylumCase.fears[country]) ?? noFear;

/** What of the screening was said in none of these languages, and by no interpreter: it must be said again. */
export const unheard = ({ screening }: AsylumCase, languages: readonly string[]): readonly ('notice' | 'fearInquiry')[] =>
  (['notice', 'fearInquiry'] as const).filter(name => {
    const said = screening?.[name];
    return said && !said.interpreted && !speaks(languages, said.language);
  });

/** Under 18 on the encounter day, or decided to be; an open dispute counts as under 18. */
export const countsAsMinor = (asylumCase: AsylumCase): boolean => asylumCase.ageDisputed || asylumCase.minorAtEncounter;

/**
 * The country that the procedure is about. A transfer under way is to the country of its screening; one that a later
 * screening left behind is history. Who left without any screening went where the transfer says.
 */
export const countryOf = (asylumCase: AsylumCase): PartnerCountry | null =>
  asylumCase.screening?.country ?? asylumCase.transfer?.country ?? null;

/** The transfer that is asked for, accepted or scheduled; one that has ended counts for nothing at the gate. */
export const underWay = ({ status, transfer }: AsylumCase): Transfer | null => (UNDER_WAY.includes(status) ? transfer : null);

/** Of the screening, those included that were established when there was none yet. */
export const exceptionsOf = ({ screening, earlierExceptions }: AsylumCase): readonly Exception[] =>
  screening?.exceptions ?? earlierExceptions;

/** By the screening of that country; of an erased person nobody knows any more who it was of. */
export function isConfirmedAmenable({ screening, erasedAt }: AsylumCase, country: PartnerCountry | null): boolean {
  const { status, outcome } = screening?.determination ?? {};
  return erasedAt === null && screening?.country === country && status === 'confirmed' && outcome === 'amenable';
}

/** Accepted by the partner country and not departed, on a flight or not yet. */
export const isAccepted = ({ status }: AsylumCase): boolean => status === 'transfer-accepted' || status === 'transfer-scheduled';

/** What voids a clearance before a process has seen to it in the file. */
export interface SinceCleared extends Pick<AgreementFacts, 'interruptedSince'> {
  readonly now: string;
}

/**
 * Whether a clearance for boarding stands that had been given by then and had not run out. A suspension since then voids it, however soon
 * that was over, and so does it that the acceptance has run out by now.
 */
export function isClearedAt({ transfer }: AsylumCase, instant: string, { now, interruptedSince }: SinceCleared): boolean {
  const { clearedAt, clearedUntil, clearedUnder = null, validUntil } = transfer ?? {};
  if (!clearedAt || !clearedUntil || isBefore(instant, clearedAt) || isAfter(instant, clearedUntil)) return false;
  return !isAfter(now, validUntil ?? now) && !interruptedSince({ at: clearedAt, revision: clearedUnder }, instant);
}

/** Where the procedure stands, whether the file is closed or not. */
export const standingOf = ({ status, statusBeforeClosing }: AsylumCase): Status => statusBeforeClosing ?? status;

/** Departed, and not back in the United States since. */
export const hasLeft = (asylumCase: AsylumCase): boolean => ABROAD.includes(standingOf(asylumCase));
