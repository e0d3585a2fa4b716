// Guarded in every run by read-models/outcomes-recount.

// Outcomes of 2,000 random cases: in every run they are 600.
const before = process.env['CASES'];
process.env['CASES'] = before ?? '2000';
afterAll(() => {
  if (before === undefined) delete process.env['CASES'];
});

await import('../read-models/outcomes-recount.spec.js');
