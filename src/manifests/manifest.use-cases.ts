import { agreementFacts } from '../agreements/agreement.facts.js';
import { caseFacts, countsInFamily } from '../cases/case.facts.js';
import type { Role } from '../event-store/actor.js';
import type { FactReader } from '../event-store/fact-reader.js';
import type { Moment } from '../event-store/rule.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { companionsOf, familyFacts, familyUnitOf, partsMinor } from '../families/family.facts.js';
import { useCases } from '../http/use-cases.js';
import * as commands from './manifest.commands.js';
import type { ManifestEvent } from './manifest.events.js';
import * as rules from './manifest.rules.js';
import type { WithAgreement, WithCases, WithFamilies } from './manifest.rules.js';
import { manifestStream, type Manifest, type ManifestStatus } from './manifest.state.js';

interface Named {
  readonly streamId?: string;
  readonly caseId?: string;
  readonly boarded?: readonly string[];
}

/** The cases that the command names, or all on the manifest. */
const cases = async (read: FactReader, manifest: Manifest, { caseId, boarded, streamId = '' }: Named): Promise<WithCases> => {
  const caseIds = caseId ? [caseId] : (boarded ?? manifest.passengers);
  const found = await Promise.all(caseIds.map(async id => [id, await caseFacts(read, id)] as const));
  return { cases: new Map(found), manifestId: streamId };
};

/** The same, and whether a family would be separated, or a minor is parted from who looks after it. */
const withFamilies = async (read: FactReader, manifest: Manifest, command: Named): Promise<WithCases & WithFamilies> => {
  const travelling = command.boarded ?? manifest.passengers;
  const companions = new Set((await Promise.all(travelling.map(caseId => companionsOf(read, caseId)))).flat());
  const behind = await Promise.all([...companions].filter(caseId => !travelling.includes(caseId)).map(caseId => caseFacts(read, caseId)));
  return {
    ...(await cases(read, manifest, command)),
    familySeparated: behind.some(found => found !== null && countsInFamily(found)),
    minorParted: await isMinorParted(read, travelling),
  };
};

async function isMinorParted(read: FactReader, travelling: readonly string[]): Promise<boolean> {
  const units = new Set(await Promise.all(travelling.map(caseId => familyUnitOf(read, caseId))));
  const parted = [...units].map(async familyUnitId => {
    const family = familyUnitId === null ? null : await familyFacts(read, familyUnitId);
    if (!family?.separations.some(({ authorisedBy }) => authorisedBy !== null)) return false;
    const known = await Promise.all(family.members.map(async ({ caseId }) => [caseId, await caseFacts(read, caseId)] as const));
    return partsMinor(family, new Map(known), travelling);
  });
  return (await Promise.all(parted)).includes(true);
}

const atDeparture = async (
  read: FactReader,
  manifest: Manifest,
  command: Named,
  { occurredAt, now }: Moment,
): Promise<WithCases & WithFamilies & WithAgreement> => {
  const { at, interruptedSince } = await agreementFacts(read, manifest.country, now);
  return { ...(await withFamilies(read, manifest, command)), inForce: at(occurredAt).standing === 'in-force', interruptedSince };
};

const manifests: CommandedStream<Manifest, ManifestEvent, ManifestStatus, keyof typeof rules.manifestRuleBook> = {
  kind: manifestStream,
  book: rules.manifestRuleBook,
  statusOf: ({ status }) => status,
  resource: { path: 'v1/manifests', id: 'manifestId', ids: 'uuid' },
};
const line = linesOf(manifests);
const liaisons: readonly Role[] = ['liaison'];
const waitsForSafeguards = (): boolean => true;

export const manifestUseCases = useCases(manifests, [
  line({
    command: commands.DraftManifest,
    rule: rules.draftManifest,
    in: 'always',
    leadsTo: ['ManifestDrafted'],
    creates: true,
    roles: liaisons,
    summary: 'Draft the manifest of a flight',
  }),
  line({
    command: commands.AddPassenger,
    rule: rules.addPassenger,
    facts: cases,
    in: ['drafted', 'approved'],
    leadsTo: ['PassengerAdded'],
    roles: liaisons,
    summary: 'Add a passenger; this voids an approval',
    codes: ['passenger-not-ready'],
  }),
  line({
    command: commands.RemovePassenger,
    rule: rules.removePassenger,
    facts: cases,
    in: ['drafted', 'approved', 'boarding'],
    leadsTo: ['PassengerRemoved'],
    roles: liaisons,
    summary: 'Remove a passenger',
  }),
  line({
    command: commands.Approve,
    rule: rules.approve,
    facts: withFamilies,
    in: ['drafted'],
    leadsTo: ['ManifestApproved'],
    roles: ['supervisor'],
    summary: 'Approve the manifest that was seen',
    codes: ['same-officer', 'passenger-not-ready', 'family-separated', 'minor-alone'],
  }),
  line({
    command: commands.VoidApproval,
    rule: rules.voidApproval,
    in: ['approved', 'boarding'],
    leadsTo: ['ApprovalVoided'],
    roles: [],
    summary: 'Void the approval, which relied on what was wrong',
  }),
  line({
    command: commands.OpenBoarding,
    rule: rules.openBoarding,
    in: ['drafted', 'approved'],
    leadsTo: ['BoardingOpened'],
    waitsForSafeguards,
    roles: liaisons,
    summary: 'Open boarding: every passenger is cleared, or blocked and removed',
    codes: ['manifest-not-approved'],
  }),
  line({
    command: commands.Depart,
    rule: rules.depart,
    facts: atDeparture,
    in: ['boarding'],
    leadsTo: ['FlightDeparted'],
    waitsForSafeguards,
    roles: liaisons,
    summary: 'Record that the flight departed, and who was on board',
    codes: ['date-out-of-order', 'family-separated', 'minor-alone', 'not-cleared'],
  }),
  line({
    command: commands.ConfirmArrival,
    rule: rules.confirmArrival,
    in: ['departed', 'arrived'],
    leadsTo: ['ArrivalConfirmed'],
    roles: liaisons,
    summary: 'Confirm who arrived',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.Cancel,
    rule: rules.cancel,
    in: ['drafted', 'approved', 'boarding'],
    leadsTo: ['FlightCancelled'],
    roles: liaisons,
    summary: 'Cancel the flight',
  }),
]);
