import { inWords as when } from '../fields/time.js';
import type { AgreementEvent } from './agreement.events.js';

type Words = { readonly [E in AgreementEvent as E['type']]: (data: E['data']) => string };

const code = (kebab: string): string => kebab.replaceAll('-', ' ');

const words: Words = {
  AgreementSigned: ({ on }) => `Signed on ${on}`,
  AgreementRulesPublished: ({ version, replyDays, acceptanceValidDays, clearanceValidHours }) =>
    `Rules ${version} published: ${replyDays} days to reply, an acceptance counts ${acceptanceValidDays} days, a clearance ` +
    `${clearanceValidHours} hours`,
  ImplementationPlanAgreed: ({ on }) => `Implementation plan agreed on ${on}`,
  AgreementEnteredIntoForce: ({ from }) => `In force from ${when(from)}`,
  AgreementSuspended: ({ from, scope, reasonCode }) =>
    `${scope === 'all' ? 'Suspended' : 'Transfers suspended'} from ${when(from)}: ${code(reasonCode)}`,
  AgreementReinstated: ({ from }) => `Reinstated from ${when(from)}`,
  TerminationNotified: ({ effectiveOn }) => `Notice of termination given, which takes effect on ${when(effectiveOn)}`,
};

export const inWords = ({ type, data }: Pick<AgreementEvent, 'type' | 'data'>): string => (words[type] as (data: object) => string)(data);
