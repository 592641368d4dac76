export { configurationDocument, exampleEnvFile } from './document.ts'
export { type Key, type KeyName, keys } from './keys.ts'
export { type Config, parseConfig } from './parse.ts'
