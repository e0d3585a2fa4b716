import { Injectable } from '@nestjs/common';
import { caseStream } from '../cases/case.stream.js';
import type { CaseEvent } from '../cases/case.events.js';
import { DomainError } from '../event-store/domain-error.js';
import { EventStore } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { recordedEvents, type Opened } from '../event-store/recorded-events.js';
import { PersonalData } from '../personal-data/personal-data.js';

/** A case's events as they are stored and as they are read, with what is personal in them opened. */
@Injectable()
export class CaseHistory {
  constructor(
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    private readonly ledger: Ledger,
  ) {}

  /**
   * @param from the first revision @param to the last, both included
   * @throws DomainError `not-found` where there is no such case; StoreUnavailable
   */
  async read(caseId: string, from = 0, to?: number): Promise<Opened<CaseEvent>[]> {
    const events: Opened<CaseEvent>[] = [];
    const { store, personalData } = this;
    for await (const batch of recordedEvents(caseStream, `case-${caseId}`, { store, personalData }, { from, to })) events.push(...batch);
    if (events.length === 0 && (from === 0 || (await this.ledger.read(caseStream, caseId)).revision < 0))
      throw new DomainError('not-found', 'There is no such case.');
    return events;
  }
}
