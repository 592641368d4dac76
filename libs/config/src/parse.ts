import { MillraceError } from '@millrace/errors'
import convict from 'convict'
import { contradictions } from './contradictions.ts'
import { durationMs } from './duration-format.ts'
import { type Key, type KeyName, keys } from './keys.ts'
import { nearest } from './nearest.ts'
import { sizeBytes } from './size-format.ts'

type Env = Readonly<{ [name: string]: string | undefined }>

/** What a key's text becomes: durations are milliseconds, lists are arrays. */
type ValueOf<K extends Key> = K['format'] extends 'list'
  ? readonly string[]
  : K['format'] extends 'duration' | 'size' | 'integer'
    ? number
    : K['format'] extends 'boolean'
      ? boolean
      : K['format'] extends readonly (infer Choice)[]
        ? Choice
        : string

type Optional<K extends Key> = K extends { isRequired: true }
  ? never
  : K['default'] extends null
    ? null
    : never

export type Config = {
  readonly [N in KeyName]: ValueOf<(typeof keys)[N]> | Optional<(typeof keys)[N]>
}

export interface ParseOptions {
  /** Required settings that the caller does without; empty where they are not set. */
  readonly notNeeded?: readonly KeyName[]
}

/**
 * Reads the settings from an environment. Throws `MILLRACE_CONFIG_INVALID` naming every fault at
 * once: unknown `MILLRACE_*` names (with the nearest known one), missing and malformed values, a
 * secret given twice. `readFile` reads `<NAME>_FILE` of secrets; a trailing newline is cut off.
 */
export function parseConfig(
  env: Env,
  readFile: (path: string) => string,
  { notNeeded = [] }: ParseOptions = {},
): Config {
  const faults = unknownNames(env)
  const given = givenValues(env, readFile, faults)
  const values = convict<{ [name: string]: unknown }>(schema())
  for (const name of notNeeded) given[name] ??= keys[name].format === 'list' ? [] : ''
  values.load(given)
  try {
    values.validate({ allowed: 'strict' })
  } catch (error) {
    faults.push(...(error instanceof Error ? error.message.split('\n') : [String(error)]))
  }
  if (faults.length === 0) faults.push(...contradictions(values.getProperties() as Config))
  if (faults.length > 0) {
    throw new MillraceError('MILLRACE_CONFIG_INVALID', { message: faults.join('; ') })
  }
  return Object.freeze(values.getProperties()) as Config
}

function unknownNames(env: Env): string[] {
  const known = Object.values<Key>(keys).flatMap((key) =>
    key.isSecret ? [key.env, `${key.env}_FILE`] : [key.env],
  )
  return Object.keys(env)
    .filter((name) => name.startsWith('MILLRACE_') && !known.includes(name))
    .map((name) => `${name} is not a setting; did you mean ${nearest(name, known)}?`)
}

/** The given values by key name; an empty string counts as not given. */
function givenValues(
  env: Env,
  readFile: (path: string) => string,
  faults: string[],
): { [name: string]: string | readonly string[] } {
  const given: { [name: string]: string | readonly string[] } = {}
  for (const [name, key] of Object.entries<Key>(keys)) {
    const direct = env[key.env] || undefined
    const file = key.isSecret ? env[`${key.env}_FILE`] || undefined : undefined
    if (direct !== undefined && file !== undefined) {
      faults.push(`${key.env} and ${key.env}_FILE are both set; keep one`)
    } else if (file !== undefined) {
      given[name] = readFile(file).replace(/\r?\n$/, '')
    } else if (direct !== undefined) {
      given[name] = direct
    }
  }
  return given
}

function schema(): convict.Schema<{ [name: string]: unknown }> {
  const entries = Object.entries<Key>(keys).map(([name, key]) => [
    name,
    {
      doc: key.doc,
      default: key.default === null ? null : coerce(key, key.default),
      nullable: !key.isRequired,
      sensitive: key.isSecret ?? false,
      format: key.env,
    },
  ])
  return Object.fromEntries(entries) as convict.Schema<{ [name: string]: unknown }>
}

// A convict format of our own for each key: convict's coercions are loose (`yes` is false, `1.5` is 1).
for (const key of Object.values<Key>(keys)) {
  convict.addFormat({
    name: key.env,
    coerce: (text: unknown) => (typeof text === 'string' ? coerce(key, text) : text),
    validate(value: unknown) {
      if (value === null && !key.isRequired) return
      if (value === null) throw new Error(`${key.env} is required: ${key.doc}`)
      const expected = expectation(key, value)
      if (expected) throw new Error(`${key.env} must be ${expected}`)
    },
  })
}

/** The value that a text stands for; a text that stands for none is kept, and fails the check. */
function coerce(key: Key, text: string): unknown {
  switch (key.format) {
    case 'text':
      return text
    case 'list':
      return text.split(',').map((item) => item.trim())
    case 'duration':
      return durationMs(text) ?? text
    case 'size':
      return sizeBytes(text) ?? text
    case 'integer':
      return /^\d{1,15}$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    default:
      return text
  }
}

/** What the value should have been; undefined where it is. Never repeats the value: it may be secret. */
function expectation(key: Key, value: unknown): string | undefined {
  switch (key.format) {
    case 'text':
      return typeof value === 'string' ? undefined : 'text'
    case 'list':
      return Array.isArray(value) && value.every((item) => item !== '')
        ? undefined
        : 'a list separated by commas'
    case 'duration':
      return typeof value === 'number' ? undefined : 'a duration such as 500ms, 5s, 15m, 1h or 7d'
    case 'size':
      return typeof value === 'number' ? undefined : 'a size such as 0B, 512MiB or 20GiB'
    case 'integer':
      return integerExpectation(key, value)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false'
    default:
      return key.format.includes(String(value)) ? undefined : `one of ${key.format.join(', ')}`
  }
}

function integerExpectation(key: Key, value: unknown): string | undefined {
  const minimum = key.minimum ?? 0
  const maximum = key.maximum ?? Number.MAX_SAFE_INTEGER
  return typeof value === 'number' && value >= minimum && value <= maximum
    ? undefined
    : `a whole number from ${minimum} to ${maximum}`
}
