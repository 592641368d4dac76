import { count, min, sum, topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'

/** A record of the input. `id` is its own: what is lost or repeated can be named. */
export interface Reading {
  readonly id: number
  readonly item: string
  readonly n: number
}

export const partitionCount = 3
export const windowMs = 10_000
const graceMs = 5_000

export const topics = {
  input: 'in',
  /** Count by sensor, before the repartition. */
  sensors: 'sensors-out',
  /** Every reading, behind the repartition. */
  echo: 'echo',
  folds: 'folds-out',
  windows: 'windows-out',
  late: 'late',
  deadLetters: 'dead-letters',
} as const

export const applicationId = 'app'
export const repartition = `${applicationId}-by-item-repartition`

/** What a repartition, state on both sides of it, windows and late records can get wrong. */
export const application = topology((t) => {
  const readings = t.stream(topics.input, {
    key: string,
    value: json<Reading>(),
    nullValues: 'drop',
  })
  readings.groupByKey().count({ name: 'sensors', everyUpdate: true }).toStream().to(topics.sensors)
  const byItem = readings.selectKey(({ item }) => item).repartition({ name: 'by-item' })
  byItem.to(topics.echo)
  byItem
    .groupByKey()
    .aggregate({
      name: 'folds',
      of: { min: min(({ n }: Reading) => n), sum: sum(({ n }: Reading) => n), count: count() },
      everyUpdate: true,
    })
    .toStream()
    .to(topics.folds)
  byItem
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: `${graceMs}ms` }))
    .aggregate({
      name: 'windows',
      of: { sum: sum(({ n }: Reading) => n), count: count() },
      everyUpdate: true,
      late: topics.late,
    })
    .to(topics.windows)
})
