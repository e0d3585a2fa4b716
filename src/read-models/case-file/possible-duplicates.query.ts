import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { personKey, type Person } from '../../cases/recent-openings.js';
import { Gathering } from '../../database/gathering.js';
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
}

@QueryHandler(PossibleDuplicates)
export class PossibleDuplicatesHandler implements IQueryHandler<PossibleDuplicates> {
  /** Every opening of a case asks. */
  private readonly gathering = new Gathering<Asked, string[]>(async asked => {
    const rows = await this.rowsFor(asked);
    return ({ key, alienNumber }) =>
      rows
        .filter(row => (key !== undefined && row.personKey === key) || (alienNumber !== undefined && row.alienNumber === alienNumber))
        .map(({ caseId }) => caseId);
  });

  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  execute({ person }: PossibleDuplicates): Promise<string[]> {
    return this.gathering.ask({ key: personKey(person), alienNumber: person.alienNumber });
  }

  private rowsFor(asked: readonly Asked[]): Promise<Row[]> {
    const keys = asked.flatMap(({ key }) => key ?? []);
    const numbers = asked.flatMap(({ alienNumber }) => alienNumber ?? []);
    return this.readModels.query<Row>(CASE_FILE, SQL, [keys, numbers]);
  }
}
