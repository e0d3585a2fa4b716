import type { Type } from '@nestjs/common';
import { agreementFacts } from '../agreements/agreement.facts.js';
import { caseFacts, countsInFamily } from '../cases/case.facts.js';
import type { Act } from '../event-store/act.js';
import { isSystem } from '../event-store/actor.js';
import { DomainError } from '../event-store/domain-error.js';
import { handlerFor, type StreamCommands, type UseCase } from '../event-store/handler.js';
import type { FactReader } from '../event-store/ledger.js';
import type { Moment } from '../event-store/rule.js';
import { companionsOf } from '../families/family.facts.js';
import { commandController } from '../http/command-controller.js';
import type { CommandRoute } from '../http/command-routes.js';
import type { Role } from '../http/roles.js';
import * as commands from './manifest.commands.js';
import type { ManifestEvent } from './manifest.events.js';
import * as rules from './manifest.rules.js';
import { manifestRuleBook, type WithAgreement, type WithCases, type WithFamilies } from './manifest.rules.js';
import { manifestStream, takenIn, type Manifest } from './manifest.state.js';

const manifests: StreamCommands<Manifest, ManifestEvent> = {
  kind: manifestStream,
  book: manifestRuleBook,
  /** @throws DomainError `wrong-status`, unless a process asks: its fact has passed, and there is nothing to do */
  takes: ({ constructor: { name }, context }, { status }) => {
    if (takenIn[name]?.includes(status) ?? true) return true;
    if (isSystem(context.actor)) return false;
    throw new DomainError('wrong-status', manifestRuleBook['wrong-status'], undefined, {
      currentStatus: status, allowedCommands: Object.keys(takenIn).filter(command => takenIn[command]?.includes(status)),
    });
  },
};

/** The cases that the command names, or all on the manifest. */
const cases = async (read: FactReader, manifest: Manifest, command: object): Promise<WithCases> => {
  const { caseId, boarded, streamId = '' } = command as { caseId?: string; boarded?: string[]; streamId?: string };
  const caseIds = caseId ? [caseId] : boarded ?? manifest.passengers;
  const found = await Promise.all(caseIds.map(async id => [id, await caseFacts(read, id)] as const));
  return { cases: new Map(found), manifestId: streamId };
};

/** The same, and whether a family would be separated. */
const withFamilies = async (read: FactReader, manifest: Manifest, command: object): Promise<WithCases & WithFamilies> => {
  const travelling = (command as { boarded?: string[] }).boarded ?? manifest.passengers;
  const companions = new Set((await Promise.all(travelling.map(caseId => companionsOf(read, caseId)))).flat());
  const behind = await Promise.all([...companions].filter(caseId => !travelling.includes(caseId)).map(caseId => caseFacts(read, caseId)));
  return { ...await cases(read, manifest, command), familySeparated: behind.some(found => found !== null && countsInFamily(found)) };
};

const atDeparture = async (read: FactReader, manifest: Manifest, command: object, { occurredAt }: Moment): Promise<WithCases & WithFamilies & WithAgreement> => {
  const { standing } = await agreementFacts(read, manifest.country, occurredAt);
  return { ...await withFamilies(read, manifest, command), inForce: standing === 'in-force' };
};

type Code = keyof typeof manifestRuleBook;
type Line = CommandRoute & { readonly handler: Type };
function line<C extends Act, F extends object>(useCase: UseCase<C, Manifest, ManifestEvent, F>, roles: readonly Role[], summary: string, codes: readonly Code[] = [],
  more: Pick<CommandRoute, 'waitsForSafeguards'> = {},
): Line {
  const { command, creates = false } = useCase;
  return { command: command as never, roles, summary, codes: creates ? codes : ['wrong-status', ...codes], creates, handler: handlerFor(manifests, useCase), ...more };
}

const liaison: readonly Role[] = ['liaison'];
const gate = { waitsForSafeguards: () => true };
const table: readonly Line[] = [
  line({ command: commands.DraftManifest, rule: rules.draftManifest, creates: true }, liaison, 'Draft the manifest of a flight'),
  line({ command: commands.AddPassenger, rule: rules.addPassenger, facts: cases }, liaison, 'Add a passenger; this voids an approval', ['passenger-not-ready']),
  line({ command: commands.RemovePassenger, rule: rules.removePassenger, facts: cases }, liaison, 'Remove a passenger'),
  line({ command: commands.Approve, rule: rules.approve, facts: withFamilies }, ['supervisor'], 'Approve the manifest that was seen', ['same-officer', 'passenger-not-ready', 'family-separated']),
  line({ command: commands.OpenBoarding, rule: rules.openBoarding }, liaison, 'Open boarding: every passenger is cleared, or blocked and removed', ['manifest-not-approved'], gate),
  line({ command: commands.Depart, rule: rules.depart, facts: atDeparture }, liaison, 'Record that the flight departed, and who was on board',
    ['date-out-of-order', 'family-separated', 'not-cleared'], gate),
  line({ command: commands.ConfirmArrival, rule: rules.confirmArrival }, liaison, 'Confirm who arrived', ['date-out-of-order']),
  line({ command: commands.Cancel, rule: rules.cancel }, liaison, 'Cancel the flight'),
];

export const manifestHandlers: readonly Type[] = table.map(({ handler }) => handler);

export const ManifestController = commandController({
  path: 'v1/manifests', idParam: 'manifestId', idKey: 'manifestId', ids: 'uuid', routes: table, tag: 'manifests',
});
