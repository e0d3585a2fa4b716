import { expect, test } from '@jest/globals';
import { csv } from '../../src/http/csv.js';

test.each([
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  ['\rx', `"'\rx"`],
  ['a=b', 'a=b'],
  ['a,b', '"a,b"'],
  ['', ''],
  [-1, '-1'],
  [null, ''],
  [undefined, ''],
])('a cell of %j is written as %s', (value, written) => {
  expect(csv(['cell'], [{ cell: value }])).toBe(`cell\r\n${written}\r\n`);
});
