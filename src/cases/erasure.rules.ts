import type { CaseBroken, CaseRule } from './case.rules.js';
import type { AsylumCase } from './case.state.js';
import type { ErasePersonalData, PlaceLegalHold, ReleaseLegalHold, RequestErasure } from './erasure.commands.js';

export const placeLegalHold: CaseRule<PlaceLegalHold> = {
  events: ({ reference }, { legalHold }) => (legalHold ? [] : [{ type: 'LegalHoldPlaced', data: {}, personal: { reference } }]),
};

export const releaseLegalHold: CaseRule<ReleaseLegalHold> = {
  events: ({ reference }, { legalHold }) => (legalHold ? [{ type: 'LegalHoldReleased', data: {}, personal: { reference } }] : []),
};

const mustBeKept = ({ status, legalHold }: AsylumCase): readonly CaseBroken[] => [
  status !== 'closed' && 'case-not-closed',
  legalHold && 'legal-hold',
];

export const requestErasure: CaseRule<RequestErasure> = {
  standing: mustBeKept,
  events: ({ legalBasis }, { erasureRequest }) => (erasureRequest ? [] : [{ type: 'ErasureRequested', data: { legalBasis } }]),
};

/** Nobody erases alone. */
export const erasePersonalData: CaseRule<ErasePersonalData> = {
  standing: (asylumCase, { actor }) => [asylumCase.erasureRequest?.requestedBy === actor.id && 'same-officer', ...mustBeKept(asylumCase)],
  events: () => [{ type: 'PersonalDataErased', data: {} }],
};
