import { pino } from 'pino'

/** What the libs log with: structured fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LoggerOptions {
  readonly level: LogLevel
  /** Fields on every line: application, instance, thread. */
  readonly fields?: object
}

/** Never written, wherever they stand in the fields of a line. */
const secretNames = ['password', 'secret', 'token', 'authorization', 'key', 'oauthToken']

/** JSON lines on standard output, secrets redacted. */
export function createLogger(options: LoggerOptions): Logger {
  return pino({
    level: options.level,
    base: options.fields ?? {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    redact: {
      paths: secretNames.flatMap((name) => [
        `config.${name}`,
        `*.sasl.${name}`,
        `sasl.${name}`,
        `ssl.${name}`,
      ]),
      censor: '[redacted]',
    },
    serializers: { error: pino.stdSerializers.err },
  })
}

/** Says nothing: the default of the libs. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
