// The layers of firedrill, with the reason for each rule. `npm run check:layers` enforces them.
const stages = 'definition|plan|run|actions|probes|measure|log|publish|report|aws';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'The domain is what every stage shares; if it knew a stage, every stage would depend on every other.',
      severity: 'error',
      from: { path: '^src/domain' },
      to: { path: '^(src/(?!domain)|node_modules/(?!zod))' },
    },
    {
      name: 'stages-keep-to-themselves',
      comment:
        "A stage that reaches into another's insides can't be tested, replaced or understood alone. They meet in domain/ports.ts.",
      severity: 'error',
      from: { path: `^src/(${stages})/` },
      to: { path: `^src/(${stages})/`, pathNot: ['^src/$1/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'types-across-stages-only-from-the-funnel',
      comment:
        'Actions and plan are written against the types of the AWS funnel and of actions; nothing else crosses, not even types.',
      severity: 'error',
      from: { path: `^src/(${stages})/` },
      to: { path: `^src/(${stages})/`, pathNot: ['^src/$1/', '^src/aws/aws\\.ts$'], dependencyTypes: ['type-only'] },
    },
    {
      name: 'lab-and-stages-meet-over-the-wire',
      comment: 'The lab must be exchangeable for AWS: a stage that imports it would know the difference.',
      severity: 'error',
      from: { path: `^src/(${stages})/` },
      to: { path: '^src/lab' },
    },
    {
      name: 'lab-imports-no-stage',
      comment: 'The lab must not know how it is used, or it would be bent to fit the executor instead of AWS.',
      severity: 'error',
      from: { path: '^src/lab' },
      to: { path: `^src/(${stages}|app|cli|service)/` },
    },
    {
      name: 'one-funnel-to-aws',
      comment:
        'Retries, ownership checks, roles, call counts and redaction live in aws/; a second importer of the SDK would get around them.',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(aws|lab)/' },
      to: { path: 'node_modules/@(aws-sdk|smithy)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-host',
      comment: 'DBOS hosts runs and nothing else; a run that used its steps would break on replay.',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/run/host\\.ts$' },
      to: { path: 'node_modules/@dbos-inc' },
    },
    {
      name: 'composition-at-the-top',
      comment: 'Only the outermost layer puts things together.',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(app|cli|service)/' },
      to: { path: '^src/(app|cli|service)' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-dependencies-in-src',
      comment: 'What users install must run.',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
