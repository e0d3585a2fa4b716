import { type Asked, inHours, isIn, type RawCases } from './raw-event.js';

const median = (took: readonly number[]): number | null => {
  const sorted = took.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : inHours((low + high) / 2);
};

export function recountScreening(cases: RawCases, asked: Asked): object {
  const [people, took] = [new Map<string, Set<string>>(), { screening: [] as number[], review: [] as number[] }];
  let [screened, returned] = [0, 0];
  for (const [caseId, events] of cases) {
    let [where, begun, submitted]: [string | null, number, number] = [null, 0, 0];
    for (const { type, data, metadata } of events) {
      const when = Date.parse(metadata.recordedAt);
      if (type === 'ScreeningStarted') [where, begun, submitted] = [String(data['country']), Date.parse(metadata.occurredAt), 0];
      const isFirst = submitted === 0;
      const country = type.startsWith('Fear') ? String(data['country']) : where;
      if ((!asked.country || country === asked.country) && isIn(asked, metadata.occurredAt)) {
        const person = (what: string) => people.set(what, (people.get(what) ?? new Set()).add(`${caseId} ${country}`));
        if (type === 'ScreeningStarted') screened++;
        if (type === 'FearExpressed') person('expressed');
        if (type === 'FearAssessed' && data['established'] === true) person('established');
        if (type === 'ExceptionEstablished') person(`exception ${String(data['ground'])}`);
        if (type === 'DeterminationSubmitted' && isFirst) took.screening.push(when - begun);
        if (type === 'DeterminationReturned') returned++;
        if (type === 'DeterminationReturned' || type === 'DeterminationConfirmed') took.review.push(when - submitted);
      }
      if (type === 'DeterminationSubmitted') submitted = when;
    }
  }
  const count = (what: string): number => people.get(what)?.size ?? 0;
  const grounds = [...people.keys()].filter(what => what.startsWith('exception ')).toSorted();
  return {
    screened,
    exceptions: Object.fromEntries(grounds.map(ground => [ground.slice('exception '.length), count(ground)])),
    fearExpressed: count('expressed'),
    fearEstablished: count('established'),
    returned,
    medianHours: { screening: median(took.screening), review: median(took.review) },
  };
}
