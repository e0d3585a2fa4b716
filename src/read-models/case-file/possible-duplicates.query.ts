import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { personKey, type Person } from '../../cases/recent-openings.js';
import { ReadModels } from '../../projecting/read-models.js';
import { CASE_FILE } from './case-file.projection.js';

/** The cases of any office that look like this person's: by alien number, or by names and birth date. */
export class PossibleDuplicates extends Query<string[]> {
  constructor(readonly person: Person) {
    super();
  }
}

const SQL = `SELECT case_id AS "caseId", person_key AS "personKey", alien_number AS "alienNumber" FROM {case-file}.cases
  WHERE person_key = ANY ($1) OR alien_number = ANY ($2) ORDER BY case_id`;

interface Row {
  readonly caseId: string;
  readonly personKey: string | null;
  readonly alienNumber: string | null;
}

interface Asked {
  readonly key: string | undefined;
  readonly alienNumber: string | undefined;
  readonly answer: (caseIds: string[]) => void;
  readonly fail: (error: unknown) => void;
}

@QueryHandler(PossibleDuplicates)
export class PossibleDuplicatesHandler implements IQueryHandler<PossibleDuplicates> {
  private readonly waiting: Asked[] = [];
  private asking = false;

  constructor(private readonly readModels: ReadModels) {}

  /**
   * Every opening of a case asks: those that come while one statement is on its way share the next.
   * @throws ReadModelBehind, DatabaseUnavailable
   */
  execute({ person }: PossibleDuplicates): Promise<string[]> {
    return new Promise((answer, fail) => {
      this.waiting.push({ key: personKey(person), alienNumber: person.alienNumber, answer, fail });
      if (!this.asking) void this.askForAll();
    });
  }

  private async askForAll(): Promise<void> {
    this.asking = true;
    for (let asked = this.take(); asked.length > 0; asked = this.take()) {
      try {
        const rows = await this.rowsFor(asked);
        for (const { key, alienNumber, answer } of asked) {
          answer(rows.filter(row => (key !== undefined && row.personKey === key) || (alienNumber !== undefined && row.alienNumber === alienNumber)).map(({ caseId }) => caseId));
        }
      } catch (error) {
        for (const { fail } of asked) fail(error);
      }
    }
    this.asking = false;
  }

  private take(): Asked[] {
    return this.waiting.splice(0);
  }

  private rowsFor(asked: readonly Asked[]): Promise<Row[]> {
    const keys = asked.flatMap(({ key }) => key ?? []);
    const numbers = asked.flatMap(({ alienNumber }) => alienNumber ?? []);
    return this.readModels.query<Row>(CASE_FILE, SQL, [keys, numbers]);
  }
}
