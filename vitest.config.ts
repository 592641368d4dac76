import { defineConfig } from 'vitest/config'

/** Suites that need a real broker; tools/test/kafka-global-setup.ts starts one for all of them. */
const withKafka = [
  'tests/integration/**/*.test.ts',
  'tests/faults/**/*.test.ts',
  '**/*.kafka.test.ts',
]
const never = ['**/node_modules/**', '**/dist/**', '.cache/**']

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    execArgv: ['--conditions=source'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,services,tools,tests,bench,examples}/**/*.test.ts'],
          exclude: [...never, ...withKafka],
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kafka',
          include: withKafka,
          exclude: never,
          globalSetup: 'tools/test/kafka-global-setup.ts',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
