import { type Key, keys } from './keys.ts'

/** `docs/configuration.md`: one table, in the order of `keys`. */
export function configurationDocument(): string {
  const rows = Object.values<Key>(keys).map(
    (key) =>
      `| \`${key.env}\`${key.isSecret ? `, \`${key.env}_FILE\`` : ''} | ${formatOf(key)} | ${defaultOf(key)} | ${key.doc} |`,
  )
  return [
    '# Configuration',
    '',
    'Every setting is an environment variable. A name that starts with `MILLRACE_` and is not in this table stops',
    'the process with the nearest known name. An empty value counts as not set. Values in env files are unquoted',
    'and contain no `#` and no `$`. Generated from `libs/config/src/keys.ts` by `npm run generate`.',
    '',
    '| Name | Format | Default | Meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** `.env.example`: every setting, the optional ones commented out with their default. */
export function exampleEnvFile(): string {
  const blocks = Object.values<Key>(keys).map((key) => {
    const line = `${key.env}=${key.default ?? ''}`
    return `# ${key.doc}\n# Format: ${formatOf(key)}\n${key.isRequired ? line : `# ${line}`}\n`
  })
  return ['# Generated from libs/config/src/keys.ts by `npm run generate`.\n', ...blocks].join('\n')
}

function formatOf(key: Key): string {
  if (typeof key.format !== 'string') return key.format.join(', ')
  if (key.format === 'integer') return `integer ${key.minimum ?? 0} to ${key.maximum ?? 'any'}`
  if (key.format === 'size') return 'size (512MiB, 20GiB)'
  return key.format === 'duration' ? 'duration (500ms, 5s, 15m, 1h, 7d)' : key.format
}

function defaultOf(key: Key): string {
  if (key.isRequired) return 'required'
  return key.default === null ? '' : `\`${key.default}\``
}
