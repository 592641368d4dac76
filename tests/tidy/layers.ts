// Who may import whom (docs/architecture.md, "Who may import whom"): the one place that says it.

/** From the bottom up; a lib imports only from rows below its own. Folder names under libs/ and services/. */
export const rows: readonly (readonly string[])[] = [
  ['errors'],
  ['record', 'time'],
  ['config', 'telemetry', 'kafka', 'store', 'schemas'],
  ['simulation'],
  ['topology'],
  ['runtime', 'operators'],
  ['dsl'],
  ['replay', 'alerts', 'query', 'testing'],
  // The public package: what a user installs, `millrace` and `millrace/testing`.
  ['millrace'],
  ['processor', 'console', 'cli'],
]

/** Below, and refused all the same. (The command line may: a backtest is a run of the test driver.) */
const refused: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  { from: 'dsl', to: 'runtime', why: 'language and engine meet only in topology' },
  { from: 'simulation', to: 'config', why: "simulation stands beside kafka's ports" },
  { from: 'simulation', to: 'telemetry', why: "simulation stands beside kafka's ports" },
  { from: 'simulation', to: 'store', why: "simulation stands beside kafka's ports" },
  {
    from: 'topology',
    to: 'simulation',
    why: 'the plan knows no cluster, least of all a pretended one',
  },
  { from: 'runtime', to: 'simulation', why: 'the engine must not know which cluster it runs on' },
  {
    from: 'processor',
    to: 'testing',
    why: 'testing is for tests, bench, examples and millrace/testing',
  },
  {
    from: 'console',
    to: 'testing',
    why: 'testing is for tests, bench, examples and millrace/testing',
  },
]

/** Why `from` must not import `to`; undefined where it may. */
export function refusal(from: string, to: string): string | undefined {
  if (from === to) return undefined
  const fromRow = rows.findIndex((row) => row.includes(from))
  const toRow = rows.findIndex((row) => row.includes(to))
  if (fromRow < 0 || toRow < 0)
    return `'${fromRow < 0 ? from : to}' has no row in tests/tidy/layers.ts`
  if (toRow === fromRow) return 'they stand in the same row'
  if (toRow > fromRow) return `'${to}' stands above '${from}'`
  return refused.find((pair) => pair.from === from && pair.to === to)?.why
}

/** Packages that only one place may import, so that only that place has to change with them. */
export const walls: readonly { readonly package: string; readonly inside: string }[] = [
  { package: 'kafkajs', inside: 'libs/kafka/src/kafkajs/' },
  { package: 'classic-level', inside: 'libs/store/src/leveldb/' },
  { package: 'prom-client', inside: 'libs/telemetry/' },
  { package: 'pino', inside: 'libs/telemetry/' },
  { package: 'convict', inside: 'libs/config/' },
  { package: '@kafkajs/confluent-schema-registry', inside: 'libs/schemas/' },
  { package: 'avsc', inside: 'libs/schemas/' },
]
