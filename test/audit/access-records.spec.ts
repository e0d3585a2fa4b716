import { expect, test } from '@jest/globals';
import { type OnRecord, ShowsPerson } from '../../src/http/request-context.js';

/* That a read is recorded is the compiler's to see: without the fault expected here the types do not pass. */

test('a route that shows a person and hands out what is not on record does not compile', () => {
  class Leaky {
    // @ts-expect-error it answers what nobody recorded
    @ShowsPerson()
    async show(): Promise<{ name: string }> {
      return { name: 'Synthetic' };
    }

    @ShowsPerson()
    async recorded(answer: OnRecord<{ name: string }>): Promise<OnRecord<{ name: string }>> {
      return answer;
    }
  }
  expect(Object.getOwnPropertyNames(Leaky.prototype)).toEqual(['constructor', 'show', 'recorded']);
});
