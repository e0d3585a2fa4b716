import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ShownName } from '../../cases/shown-case.file.js';
import type { Applicant } from '../../cases/applicant.state.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { STATUSES, type Status } from '../../cases/case.status.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Actor, Position } from '../../event-store/event-store.js';
import {
  ANY_NUMBER,
  AnyText,
  Bool,
  CountryList,
  Day,
  Instant,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Rows,
  TextList,
  Uuid,
} from '../../fields/fields.js';
import { assertReadable } from '../../http/offices.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { ReadModels } from '../../projecting/read-models.js';
import { CASE_FILE } from './case-file.projection.js';
import { BASES, LOOK_ALIKES, standingOf, STANDINGS, type LookAlike } from './look-alikes.js';
import { openCases, type StoredCase } from './opened-cases.js';

/** What one needs to tell two people apart. */
export class ShownLikeness {
  @AnyText({ personal: true }) @Optional() readonly givenNames?: string;
  @AnyText({ personal: true }) @Optional() readonly familyName?: string;
  @Rows(() => ShownName) @Optional() readonly otherNames?: readonly ShownName[];
  @Day({ personal: true }) @Optional() readonly birthDate?: string;
  @Bool({ description: 'The birth date is a guess.' }) @Optional() readonly birthDateEstimated?: boolean;
  @AnyText({ personal: true }) @Optional() readonly sex?: string;
  @AnyText({ personal: true }) @Optional() readonly alienNumber?: string;
  @TextList({ ...ANY_NUMBER, personal: true }) @Optional() readonly otherAlienNumbers?: readonly string[];
  @CountryList(ANY_NUMBER) readonly nationalities!: readonly string[];
}

export class ShownLookAlike {
  @Uuid() readonly caseId!: string;
  @TextList({ ...ANY_NUMBER, description: 'What the two have in common: `alien-number`, `name`.' }) readonly basis!: readonly string[];
  @AnyText({ example: 'ELP' }) readonly office!: string;
  @OneOf(STATUSES) readonly status!: Status;
  @Instant() readonly openedAt!: string;
  @OneOf(STANDINGS) readonly standing!: (typeof STANDINGS)[number];
  @Nested(() => ShownLikeness, { description: 'Null after an erasure.' }) @Nullable() readonly applicant!: ShownLikeness | null;
}

export class LookAlikesPage {
  @Rows(() => ShownLookAlike) readonly rows!: readonly ShownLookAlike[];
  @AnyText({ description: 'Always null: the list is whole.' }) @Nullable() readonly nextCursor!: string | null;
}

/** The files that may be of the same person as this one, and at which revision of each of them, and of this one, they are shown. */
export class ReadLookAlikes extends Query<{ readonly page: LookAlikesPage; readonly shown: readonly Shown[] }> {
  constructor(
    readonly caseId: string,
    readonly reader: Actor,
    readonly token?: Position,
  ) {
    super();
  }
}
export interface Shown {
  readonly caseId: string;
  readonly revision: number;
}

type Row = Shown & StoredCase;
const ROWS = `SELECT own.case_id AS "caseId", own.revision, own.state, texts.sealed AS texts`;
const OF_CASES = 'FROM {case-file}.cases own LEFT JOIN {case-file}.texts USING (case_id)';

@QueryHandler(ReadLookAlikes)
export class ReadLookAlikesHandler implements IQueryHandler<ReadLookAlikes> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly personalData: PersonalData,
  ) {}

  /** @throws DomainError `not-found`, `other-office`; ReadModelBehind, DatabaseUnavailable */
  async execute({ caseId, reader, token }: ReadLookAlikes): Promise<{ page: LookAlikesPage; shown: readonly Shown[] }> {
    const [own] = await this.readModels.query<Row & { alike: readonly LookAlike[] }>(
      CASE_FILE,
      `${ROWS}, ${LOOK_ALIKES} AS alike ${OF_CASES} WHERE own.case_id = $1`,
      [caseId],
      { token },
    );
    await this.readModels.assertNotParked(CASE_FILE, `case-${caseId}`);
    if (!own) throw new DomainError('not-found', 'There is no such case.');
    const [asylumCase] = (await openCases(this.personalData, [own])) as [AsylumCase];
    assertReadable(reader, asylumCase.office);
    const rows = await this.readModels.query<Row>(
      CASE_FILE,
      `${ROWS} ${OF_CASES} WHERE own.case_id = ANY ($1::uuid[]) ORDER BY own.case_id`,
      [own.alike.map(other => other.caseId)],
    );
    const cases = await openCases(this.personalData, rows);
    const shown = rows.map((row, index) => {
      const other = own.alike.find(alike => alike.caseId === row.caseId) as LookAlike;
      const { office, status, openedAt, applicant } = cases[index] as AsylumCase;
      const basis = BASES.filter(each => (each === 'name' ? other.byName : other.byNumber));
      return {
        caseId: row.caseId,
        basis,
        office,
        status,
        openedAt,
        standing: standingOf(asylumCase, other),
        applicant: toTellApart(applicant),
      };
    });
    return {
      page: { rows: shown, nextCursor: null },
      shown: [own, ...rows].map(row => ({ caseId: row.caseId, revision: row.revision })),
    };
  }
}

function toTellApart(applicant: Applicant | null): ShownLikeness | null {
  if (!applicant) return null;
  const { givenNames, familyName, otherNames, birthDate, birthDateEstimated, sex, alienNumber, otherAlienNumbers, nationalities } =
    applicant;
  return { givenNames, familyName, otherNames, birthDate, birthDateEstimated, sex, alienNumber, otherAlienNumbers, nationalities };
}
