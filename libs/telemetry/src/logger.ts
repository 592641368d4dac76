import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

/** What the libs log with: structured fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

/** The logger of a thread; its level holds for every child, those made before included. */
export interface RootLogger extends Logger {
  level: LogLevel
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LoggerOptions {
  readonly level: LogLevel
  /** Fields on every line: application, instance, thread. */
  readonly fields?: object
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream
}

const severity: { readonly [L in LogLevel]: number } = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
}

/** Never written, as a field of a line or of an object in it. */
const secretNames = [
  'password',
  'secret',
  'token',
  'authorization',
  'key',
  'passphrase',
  'saslPassword',
  'oauthClientSecret',
  'clientSecret',
  'httpToken',
  'access_token',
]

/** JSON lines, secrets redacted. The fields are described in docs/operations/logs.md. */
export function createLogger(options: LoggerOptions): RootLogger {
  const lines = pino(
    {
      // The threshold is ours: pino's children would keep the level that they were made with.
      level: 'debug',
      base: options.fields ?? {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: {
        paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
      serializers: { error: pino.stdSerializers.err },
    },
    options.destination ?? pino.destination(1),
  )
  return new Leveled(lines, { level: options.level })
}

class Leveled implements RootLogger {
  readonly #lines: PinoLogger
  readonly #threshold: { level: LogLevel }

  constructor(lines: PinoLogger, threshold: { level: LogLevel }) {
    this.#lines = lines
    this.#threshold = threshold
  }

  get level(): LogLevel {
    return this.#threshold.level
  }

  set level(level: LogLevel) {
    this.#threshold.level = level
  }

  debug(fields: object, message: string): void {
    if (this.#writes('debug')) this.#lines.debug(fields, message)
  }

  info(fields: object, message: string): void {
    if (this.#writes('info')) this.#lines.info(fields, message)
  }

  warn(fields: object, message: string): void {
    if (this.#writes('warn')) this.#lines.warn(fields, message)
  }

  error(fields: object, message: string): void {
    if (this.#writes('error')) this.#lines.error(fields, message)
  }

  child(fields: object): Logger {
    return new Leveled(this.#lines.child(fields), this.#threshold)
  }

  #writes(level: LogLevel): boolean {
    return severity[level] >= severity[this.#threshold.level]
  }
}

/** Says nothing: the default of the libs. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
