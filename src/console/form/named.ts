import { countryName, languageName, SPOKEN } from '../shell/words';
import type { Choice } from './faults';
import type { Schema } from './schema';

/* What is sent as a code and chosen by its name. */

/** ISO 3166-1 alpha-2; browsers have names for more than are countries. */
const COUNTRIES =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI ' +
  'CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ ' +
  'GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS ' +
  'LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG ' +
  'PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK ' +
  'TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const named = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
/** Every language of two letters that a browser has a name for, once. */
const ofTwoLetters = (): string[] =>
  LETTERS.flatMap(a => LETTERS.map(b => a + b)).filter(tag => named.of(tag) !== undefined && Intl.getCanonicalLocales(tag)[0] === tag);

export interface Names {
  readonly nameOf: (code: string) => string;
  /** Those that are chosen most often, apart from the rest. */
  readonly first: readonly Choice[];
  readonly rest: readonly Choice[];
  /** What is asked of whoever finds none of them; undefined where they are all that there are. */
  readonly another?: string;
}

function namesOf(nameOf: Names['nameOf'], first: readonly string[], all: readonly string[], another?: string): Names {
  const choices = (codes: readonly string[]): Choice[] =>
    codes.map(value => ({ value, label: nameOf(value) })).sort((a, b) => a.label.localeCompare(b.label, 'en'));
  const rest = all.filter(code => !first.includes(code));
  return { nameOf, first: choices(first), rest: choices(rest), ...(another !== undefined && { another }) };
}

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

const NAMES: Readonly<Partial<Record<NonNullable<Schema['x-named']>, () => Names>>> = {
  country: once(() => namesOf(countryName, ['GT', 'HN', 'SV'], COUNTRIES.split(' '))),
  language: once(() =>
    namesOf(languageName, ['en', 'es', ...Object.keys(SPOKEN)], ofTwoLetters(), 'The tag of another language (BCP 47), such as es-HN'),
  ),
};

/** Undefined of what is found by a search alone. */
export const namesFor = ({ 'x-named': of }: Schema): Names | undefined => of && NAMES[of]?.();

export const nameIn = (schema: Schema, code: string): string => namesFor(schema)?.nameOf(code) ?? code;
