export {
  type MetricDefinition,
  type MetricKind,
  type MetricName,
  metricCatalogue,
} from './catalogue.ts'
export type { Cell, Counters, HistogramCell, Labels } from './counters.ts'
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  type RootLogger,
  silentLogger,
} from './logger.ts'
export { MetricsRegistry } from './registry.ts'
export {
  type SeriesDefinition,
  SharedCounters,
  type SharedCountersOptions,
} from './shared-counters.ts'
export { type Place, type PlaceName, Whereabouts, WhereaboutsReader } from './whereabouts.ts'
