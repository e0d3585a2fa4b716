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

const SQL = 'SELECT case_id FROM {case-file}.cases WHERE person_key = $1 OR alien_number = $2 ORDER BY case_id';

@QueryHandler(PossibleDuplicates)
export class PossibleDuplicatesHandler implements IQueryHandler<PossibleDuplicates> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ person }: PossibleDuplicates): Promise<string[]> {
    const rows = await this.readModels.query<{ case_id: string }>(CASE_FILE, SQL, [personKey(person) ?? null, person.alienNumber ?? null]);
    return rows.map(row => row.case_id);
  }
}
