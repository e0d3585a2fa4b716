import { Injectable } from '@nestjs/common';
import { caseStream } from '../cases/case.stream.js';
import type { CaseEvent } from '../cases/case.events.js';
import { DomainError } from '../event-store/domain-error.js';
import { EventStore } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { recorded, type Recorded } from '../event-store/stream-kind.js';
import { PersonalData } from '../personal-data/personal-data.js';

/** A case's events as they are stored, with what is personal in them opened. */
@Injectable()
export class CaseHistory {
  constructor(private readonly store: EventStore, private readonly personalData: PersonalData, private readonly ledger: Ledger) {}

  /**
   * @param from the first revision @param to the last, both included
   * @throws DomainError `not-found` where there is no such case; StoreUnavailable
   */
  async read(caseId: string, from = 0, to?: number): Promise<Recorded<CaseEvent>[]> {
    const events: Recorded<CaseEvent>[] = [];
    for await (const batch of this.store.readStream(`case-${caseId}`, { from, to })) {
      const personal = await this.personalData.openAll(batch);
      events.push(...batch.map((event, index) => recorded<CaseEvent>(caseStream as never, event, personal[index] ?? null)));
    }
    if (events.length === 0 && (from === 0 || (await this.ledger.read(caseStream, caseId)).revision < 0)) throw new DomainError('not-found', 'There is no such case.');
    return events;
  }
}
