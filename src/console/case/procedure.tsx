import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client';
import { session, useStored } from '../api/session';
import { mayGo, PLACES } from '../shell/places';
import { capital, countryName, instant, inWords, inText, languageName, weekInWords } from '../shell/words';
import type { CaseFile } from './seen-case';
import { Parts, Titled, told, yesOrNo, type Fields } from './parts';
import { SourceOf } from './source';
import { ROAD } from './steps';

const at = (instantOrNull: string | null): string | null => instantOrNull && instant(instantOrNull);

/** A link for whoever may go there. */
function FlightOf({ manifestId, departsAt }: { readonly manifestId: string; readonly departsAt: string | null }): ReactNode {
  const who = useStored(session);
  const words = departsAt === null ? 'The flight' : `The flight of ${instant(departsAt)}`;
  return (
    <>
      {who && mayGo(who, PLACES.flights) ? <Link href={`/flights/${manifestId}`}>{words}</Link> : words}{' '}
      <span className="beside">{manifestId}</span>
    </>
  );
}

const ENCOUNTER: Fields<Schemas['ShownEncounter']> = {
  day: ({ day }) => day,
  at: ({ at }) => instant(at),
  place: ({ place }) => place,
  manner: ({ manner }) => inWords(manner),
};

const CLAIM: Fields<Schemas['ShownClaim']> = {
  protection: ({ protection }) => inWords(protection),
  recordedAt: ({ recordedAt }) => instant(recordedAt),
  statement: ({ statement }) => told(statement),
};

const WITHDRAWAL: Fields<Schemas['ShownWithdrawal']> = {
  withdrawnAt: ({ withdrawnAt }) => instant(withdrawnAt),
  revokedAt: ({ revokedAt }) => at(revokedAt),
  statement: ({ statement }) => told(statement),
};

/** Each of its parts has a table of its own. */
const SCREENING: Fields<Schemas['ShownScreening']> = {
  country: ({ country }) => countryName(country),
  startedAt: ({ startedAt }) => instant(startedAt),
  fear: ({ fear }) =>
    fear.expressed
      ? `Expressed, ${fear.established === null ? 'not assessed' : fear.established ? 'established' : 'not established'}`
      : 'None expressed',
  screeningId: ({ screeningId }) => screeningId,
  notice: null,
  fearInquiry: null,
  exceptions: null,
  determination: null,
};

const NOTICE: Fields<Schemas['ShownNotice']> = {
  notice: ({ notice }) => notice,
  servedAt: ({ servedAt }) => instant(servedAt),
  language: ({ language }) => languageName(language),
  readBack: ({ readBack }) => yesOrNo(readBack),
};

const INQUIRY: Fields<Schemas['ShownInquiry']> = {
  fearsPartnerCountry: ({ fearsPartnerCountry }) => yesOrNo(fearsPartnerCountry),
  askedAt: ({ askedAt }) => instant(askedAt),
  language: ({ language }) => languageName(language),
  account: ({ account }) => told(account),
};

const ACCOUNT: Fields<Schemas['ShownAccount']> = {
  at: one => instant(one.at),
  account: ({ account }) => told(account),
  from: ({ from }) => from && <SourceOf from={from} />,
};

/** Its country is the heading, and its accounts have a table of their own. */
const ELSEWHERE: Fields<Schemas['ShownFearElsewhere']> = {
  country: null,
  established: ({ established }) => (established === null ? 'Not assessed' : yesOrNo(established)),
  accounts: null,
};

const EXCEPTION: Fields<Schemas['ShownException']> = {
  ground: ({ ground }) => inWords(ground),
  establishedAt: ({ establishedAt }) => instant(establishedAt),
  evidence: ({ evidence }) => told(evidence),
  from: ({ from }) => from && <SourceOf from={from} />,
};

const DETERMINATION: Fields<Schemas['ShownDetermination']> = {
  outcome: ({ outcome }) => inWords(outcome),
  status: ({ status }) => inWords(status),
  submittedBy: ({ submittedBy }) => submittedBy,
  submittedAt: ({ submittedAt }) => instant(submittedAt),
  confirmedBy: ({ confirmedBy }) => confirmedBy,
  reasons: ({ reasons }) => told(reasons),
  determinationId: ({ determinationId }) => determinationId,
};

const TRANSFER: Fields<Schemas['ShownTransfer']> = {
  country: ({ country }) => country && countryName(country),
  requestedAt: ({ requestedAt }) => at(requestedAt),
  replyDueAt: ({ replyDueAt }) => at(replyDueAt),
  reply: ({ reply }) => reply && inWords(reply),
  validUntil: ({ validUntil }) => at(validUntil),
  manifestId: ({ manifestId, departsAt }) => manifestId && <FlightOf manifestId={manifestId} departsAt={departsAt} />,
  placeWeek: ({ placeWeek }) => placeWeek && capital(weekInWords(placeWeek)),
  departsAt: ({ departsAt }) => at(departsAt),
  clearedUntil: ({ clearedUntil }) => at(clearedUntil),
  departedAt: ({ departedAt }) => at(departedAt),
  arrivedAt: ({ arrivedAt }) => at(arrivedAt),
  irregular: ({ irregular }) => irregular && <span className="tag tag--alert">Departed against the rules</span>,
  lastBlocked: null,
};

const ASYLUM: Fields<Schemas['ShownAsylum']> = {
  country: ({ country }) => countryName(country),
  intentionAt: ({ intentionAt }) => at(intentionAt),
  appliedAt: ({ appliedAt }) => at(appliedAt),
  outcome: ({ outcome }) => outcome && inWords(outcome),
  final: ({ final }) => yesOrNo(final),
};

const WHEREABOUTS: Fields<Schemas['ShownWhereabouts']> = {
  known: ({ known }) => yesOrNo(known),
  since: ({ since }) => instant(since),
  sourceCode: ({ sourceCode }) => inWords(sourceCode),
};

const ONWARD: Fields<Schemas['ShownOnwardDeparture']> = {
  toCountry: ({ toCountry }) => countryName(toCountry),
  manner: ({ manner }) => inWords(manner),
  at: one => instant(one.at),
};

const PROGRAMME: Fields<Schemas['ShownProgramme']> = {
  programme: ({ programme }) => inWords(programme),
  at: one => instant(one.at),
};

/** In which a transfer goes on, or came to its end in the country. */
const OF_A_TRANSFER: readonly CaseFile['status'][] = [
  ...ROAD.slice(ROAD.indexOf('transfer-requested')),
  'asylum-granted',
  'asylum-denied',
  'asylum-abandoned',
];

/** What was accepted stays in the file when the transfer was given up: it must not be taken for an acceptance that counts. */
function isOver({ status, transfer }: CaseFile): boolean {
  if (!transfer || transfer.requestedAt === null) return false;
  return !OF_A_TRANSFER.includes(status) && !(status === 'closed' && transfer.departedAt !== null);
}

/** What the procedure has come to, from the encounter to what became of the person. */
export function Procedure({ file }: { readonly file: CaseFile }): ReactNode {
  const { claim, screening, transfer, asylum, whereabouts, withdrawal, onwardDepartures, programmes } = file;
  return (
    <section aria-labelledby="procedure">
      <h2 id="procedure">Procedure</h2>
      <Titled title="Encounter" of={file.encounter} as={ENCOUNTER} />
      <p>Travel documents: {inText(file.documents)}.</p>
      <Titled title="Claim" of={claim} as={CLAIM} />
      <Titled title="Withdrawal of the claim" of={withdrawal} as={WITHDRAWAL} />
      <Titled title="Screening" of={screening} as={SCREENING} />
      <Titled title="Notice" of={screening?.notice ?? null} as={NOTICE} />
      <Titled title="Inquiry into fear" of={screening?.fearInquiry ?? null} as={INQUIRY} />
      <Parts title="What the person fears" of={screening?.fear.accounts ?? []} as={ACCOUNT} />
      <Parts title="Exceptions" of={[...(screening?.exceptions ?? []), ...file.exceptions]} as={EXCEPTION} />
      {file.fears.map(fear => (
        <Fragment key={fear.country}>
          <Titled title={`Fear of ${countryName(fear.country)}, of which there is no screening`} of={fear} as={ELSEWHERE} />
          <Parts title={`What the person fears of ${countryName(fear.country)}`} of={fear.accounts} as={ACCOUNT} />
        </Fragment>
      ))}
      <Titled title="Determination" of={screening?.determination ?? null} as={DETERMINATION} />
      <Titled title={isOver(file) ? 'Transfer, which has ended and counts for nothing' : 'Transfer'} of={transfer} as={TRANSFER} />
      <Titled title="Asylum" of={asylum} as={ASYLUM} />
      <Titled title="Whereabouts" of={whereabouts} as={WHEREABOUTS} />
      <Parts title="Onward departures" of={onwardDepartures} as={ONWARD} />
      <Parts title="Programmes" of={programmes} as={PROGRAMME} />
    </section>
  );
}
