import { string, topology } from 'millrace'

const { BENCH_INPUT = 'bench', BENCH_OUTPUT = 'bench-out' } = process.env

/** The last value of each key, kept; what goes out is only how long it is. */
export default topology((t) => {
  t.stream(BENCH_INPUT, { key: string, value: string, nullValues: 'drop' })
    .groupByKey()
    .reduce((_, value) => value, { name: 'latest', value: string })
    .mapValues((value) => value?.length ?? 0)
    .to(BENCH_OUTPUT)
})
