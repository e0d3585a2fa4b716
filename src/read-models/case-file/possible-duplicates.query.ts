import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { Gathering } from '../../database/gathering.js';
import { ReadModels } from '../../projecting/read-models.js';
import { CASE_FILE } from './case-file.projection.js';
import { BY_NAME, BY_NUMBER, FOLDED, likenessesOf, type Person } from './likeness.js';

/** The cases of any office that look like this person's: by an alien number, or by names that are alike and the birth date. */
export class PossibleDuplicates extends Query<string[]> {
  constructor(readonly person: Person) {
    super();
  }
}

const SQL = `SELECT own.at, other.case_id AS "caseId"
  FROM json_to_recordset($1::json) AS own (at int, numbers text[], names text[], birth_key text, keys text[])
    JOIN {case-file}.people AS other ON own.keys && other.keys
  WHERE ${BY_NUMBER} OR ${BY_NAME} ORDER BY other.case_id`;

@QueryHandler(PossibleDuplicates)
export class PossibleDuplicatesHandler implements IQueryHandler<PossibleDuplicates> {
  /** Every opening of a case asks. */
  private readonly gathering = new Gathering<Person, string[]>(async asked => {
    const given = (await likenessesOf(asked, texts => this.fold(texts))).map((likeness, at) => ({ at, ...likeness }));
    const rows = await this.readModels.query<{ at: number; caseId: string }>(CASE_FILE, SQL, [JSON.stringify(given)]);
    return one => rows.filter(({ at }) => asked[at] === one).map(({ caseId }) => caseId);
  });

  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  execute({ person }: PossibleDuplicates): Promise<string[]> {
    return this.gathering.ask(person);
  }

  private async fold(texts: readonly string[]): Promise<string[]> {
    return (await this.readModels.query<{ folded: string }>(CASE_FILE, FOLDED, [texts])).map(({ folded }) => folded);
  }
}
