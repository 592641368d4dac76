import { createHash } from 'node:crypto'
import { type Config, type Key, type KeyName, keys } from '@millrace/config'

/** What rightly differs from instance to instance. */
const ownOfInstance: ReadonlySet<KeyName> = new Set([
  'groupInstanceId',
  'stateDirectory',
  'httpHost',
  'httpPort',
  'logLevel',
])

/** The same for instances with the same settings. Secrets are left out: a hash could be guessed at. */
export function configHash(config: Config): string {
  const settings = (Object.entries(keys) as [KeyName, Key][])
    .filter(([name, key]) => !key.isSecret && !ownOfInstance.has(name))
    .map(([name]) => [name, config[name]])
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
}
