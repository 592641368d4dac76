import { type MetricDefinition, metricCatalogue } from '@millrace/telemetry'
import { table } from './table.ts'

/** `docs/metrics.md`: every metric that `/metrics` can show. */
export function metricsDocument(): string {
  return [
    '# Metrics',
    '',
    'What `/metrics` shows, in the Prometheus text format. Counters are summed over the worker threads of a process.',
    'Generated from `libs/telemetry/src/catalogue.ts` by `npm run generate`.',
    '',
    table(
      ['Name', 'Kind', 'Labels', 'Meaning'],
      Object.entries<MetricDefinition>(metricCatalogue).map(([name, { kind, labels, help }]) => [
        `\`${name}\``,
        kind,
        labels.map((label) => `\`${label}\``).join(', '),
        help,
      ]),
    ),
    '',
  ].join('\n')
}
