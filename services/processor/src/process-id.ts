import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'

/**
 * Who this process is to others: the same after a restart on the same state (Kafka Streams keeps its
 * own in `kafka-streams-process-metadata`). Its transactional ids are made of it, so that a process
 * that comes back ends at once what it had left open.
 */
export function keptProcessId(file: string): string {
  const kept = read(file)
  if (kept !== '') return kept
  const id = `${hostname()}-${randomUUID()}`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${id}\n`)
  } catch {
    // A disk that refuses is reported, with its remedy, when the state is opened.
  }
  return id
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
