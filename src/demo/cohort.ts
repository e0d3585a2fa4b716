import type { Company } from '../cases/case.events.js';
import { plusDays, plusHours, weekOf } from '../fields/time.js';

/*
 * The Guatemalan cohort as it is documented, with invented people: 939 Hondurans and Salvadorans transferred
 * from 2019-11-21 until transfers were paused on 2020-03-16, of whom 20 applied for asylum in Guatemala
 * (Human Rights Watch and Refugees International, "Deportation with a Layover", 2020-05-19).
 * How many flew each week is not published; these numbers only add up to the published total.
 */
const FLOWN = [1, 12, 25, 38, 45, 52, 58, 61, 64, 67, 70, 72, 74, 76, 78, 80, 66];
const FIRST_FLIGHT = '2019-11-21T15:00:00Z';
const APPLIED = 20;
/** Beside each flight: who was screened and did not fly, and why. */
const OTHERS: readonly Fate[] = ['fear-established', 'refused', 'held', 'not-covered', 'evidence-kept'];

export type Fate =
  | 'transferred'
  /** The fear of Guatemala is established: screened out, and referred to the US procedure. */
  | 'fear-established'
  /** Guatemala refuses. */
  | 'refused'
  /** A hold is placed after the manifest was approved: blocked at boarding. */
  | 'held'
  /** Travels alone and is under 18: no screening starts. */
  | 'not-covered'
  /** Evidence was not given back: blocked at boarding. */
  | 'evidence-kept';

export interface Traveller {
  readonly number: number;
  readonly fate: Fate;
  readonly applies: boolean;
  readonly office: string;
  readonly givenNames: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly sex: 'female' | 'male';
  readonly alienNumber: string;
  readonly nationality: 'HN' | 'SV';
  readonly languages: readonly string[];
  /** Who speaks a language that the officer does not has an interpreter. */
  readonly interpreterId?: string;
  readonly accompaniedBy: Company;
  readonly encounterAt: string;
}

export interface FlightOfCohort {
  readonly number: number;
  readonly flight: string;
  readonly departsAt: string;
  readonly week: string;
  readonly travellers: readonly Traveller[];
}

export const OFFICES = ['ELP', 'RGV', 'YUM'] as const;

export const FEMALE = [
  'Ana Lucía',
  'Blanca Iris',
  'Carla',
  'Daniela',
  'Elsa Marina',
  'Fátima',
  'Gloria',
  'Helen',
  'Iris Yamileth',
  'Josefina',
  'Karla',
  'Lesly',
  'Marta',
  'Norma',
  'Olga',
  'Paola',
  'Reina',
  'Sonia',
  'Telma',
  'Wendy',
];
export const MALE = [
  'Adán',
  'Brayan',
  'Carlos Humberto',
  'Denis',
  'Edwin',
  'Franklin',
  'Geovany',
  'Héctor',
  'Isaías',
  'José Luis',
  'Kevin',
  'Lenin',
  'Marvin',
  'Nelson',
  'Oscar',
  'Pedro',
  'Rigoberto',
  'Santos',
  'Tulio',
  'Wilmer',
];
export const FAMILY = [
  'Alvarado',
  'Bonilla',
  'Cárcamo',
  'Discua',
  'Euceda',
  'Flores',
  'Guardado',
  'Henríquez',
  'Interiano',
  'Juárez',
  'Lemus',
  'Mejía',
  'Najarro',
  'Orellana',
  'Paz',
  'Quijada',
  'Rivas',
  'Sorto',
  'Torres',
  'Umanzor',
  'Valle',
  'Zelaya',
];
/** Families of languages: most read Spanish, some a language of their own, with an interpreter. */
const LANGUAGES: readonly (readonly string[])[] = [
  ['es'],
  ['es'],
  ['es'],
  ['es'],
  ['es'],
  ['es-HN'],
  ['cab', 'es'],
  ['miq', 'es'],
  ['cab'],
  ['miq'],
];

/** Numbers from 0 to 1, the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every flight of the cohort with its people; the same for the same seed. */
export function cohort(seed: number): readonly FlightOfCohort[] {
  const next = numbers(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  const applicants = new Set<number>();
  const total = FLOWN.reduce((sum, flown) => sum + flown, 0);
  while (applicants.size < APPLIED) applicants.add(Math.floor(next() * total));
  let flown = 0;
  let number = 0;
  return FLOWN.map((seats, index) => {
    const departsAt = plusDays(FIRST_FLIGHT, index * 7);
    const fates: Fate[] = [...Array.from({ length: seats }, (): Fate => 'transferred'), ...(index === 0 ? [] : OTHERS)];
    const travellers = fates.map((fate): Traveller => {
      const sex = next() < 0.45 ? 'female' : 'male';
      const languages = pick(LANGUAGES);
      const child = fate === 'not-covered' || next() < 0.2;
      number += 1;
      return {
        number,
        fate,
        sex,
        languages,
        applies: fate === 'transferred' && applicants.has(flown++),
        office: pick(OFFICES),
        givenNames: pick(sex === 'female' ? FEMALE : MALE),
        familyName: `${pick(FAMILY)} ${pick(FAMILY)}`,
        birthDate:
          `${child ? 2005 + Math.floor(next() * 12) : 1965 + Math.floor(next() * 35)}-` +
          `${two(1 + Math.floor(next() * 12))}-${two(1 + Math.floor(next() * 28))}`,
        alienNumber: `A${200_000_000 + number}`,
        nationality: next() < 0.62 ? 'HN' : 'SV',
        ...(languages.includes('es') || languages.includes('es-HN') ? {} : { interpreterId: `int-${languages[0]}` }),
        accompaniedBy: companyOf(fate, child, next()),
        // Nobody was encountered before the rule took effect; later flights wait a few days for their people.
        encounterAt: plusHours(departsAt, -(index === 0 ? 54 : 54 + Math.floor(next() * 72))),
      };
    });
    return { number: index + 1, flight: `GT${101 + index}`, departsAt, week: weekOf(departsAt), travellers };
  });
}

const two = (value: number): string => String(value).padStart(2, '0');

function companyOf(fate: Fate, child: boolean, chance: number): Company {
  if (fate === 'not-covered') return 'none';
  if (child) return chance < 0.9 ? 'parent' : 'legal-guardian';
  return chance < 0.7 ? 'none' : 'other-relative';
}
