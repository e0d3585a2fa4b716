const APOSTROPHES = /['`´‘’‚‛ʹʻʼʽʾʿˈˊˋ′‵＇՚ꞌꞋ׳]/gu;
const UNSEEN = /[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A name as names are compared: words with a blank between them, without regard to case, accents, apostrophes, dashes and what cannot be
 * seen. Letters such as ł and ß stay: the database folds them.
 */
export const plain = (name: string): string =>
  name
    .replaceAll(APOSTROPHES, '')
    .replaceAll(UNSEEN, '')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(UNSEEN, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
