import { expect } from '@jest/globals';
import { Series } from '../../src/event-store/series.js';

// A state's growing lists are compared as the arrays that they are read as.
expect.addEqualityTesters([
  function seriesAsArrays(a, b, testers) {
    if (!(a instanceof Series || b instanceof Series)) return undefined;
    const [left, right] = [a, b].map(list => (list instanceof Series ? list.toArray() : list));
    return this.equals(left, right, testers);
  },
]);
