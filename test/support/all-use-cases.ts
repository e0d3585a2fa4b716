import { agreementUseCases } from '../../src/agreements/agreement.use-cases.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import type { DomainEvent } from '../../src/event-store/stream-kind.js';
import type { UseCase } from '../../src/event-store/use-case.js';
import { familyUseCases, membershipUseCases } from '../../src/families/family.use-cases.js';
import { holdOrderUseCases } from '../../src/hold-orders/hold-order.use-cases.js';
import type { UseCases } from '../../src/http/use-cases.js';
import { manifestUseCases } from '../../src/manifests/manifest.use-cases.js';
import { reassignmentUseCases } from '../../src/reassignments/reassignment.use-cases.js';
import { receptionUseCases } from '../../src/reception/reception.use-cases.js';

/** What of the use cases of a stream can be told without its state. */
export interface StreamLines {
  readonly category: string;
  /** The event types that the stream may hold. */
  readonly eventTypes: readonly string[];
  readonly lines: readonly Pick<
    UseCase<never, DomainEvent>,
    'command' | 'in' | 'leadsTo' | 'roles' | 'creates' | 'codes' | 'standsAlone'
  >[];
  readonly handlers: UseCases<never, DomainEvent>['handlers'];
}

const linesOf = <S, E extends DomainEvent>({
  decider: {
    stream: { kind },
    useCases: lines,
  },
  handlers,
}: UseCases<S, E>): StreamLines => ({ category: kind.category, eventTypes: Object.keys(kind.events), lines, handlers });

/** Of every stream that commands write. */
export const ALL: readonly StreamLines[] = [
  linesOf(caseUseCases),
  linesOf(agreementUseCases),
  linesOf(manifestUseCases),
  linesOf(receptionUseCases),
  linesOf(familyUseCases),
  linesOf(membershipUseCases),
  linesOf(holdOrderUseCases),
  linesOf(reassignmentUseCases),
];
