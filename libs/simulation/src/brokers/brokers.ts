import { kafkaError } from '@millrace/kafka'
import type { CoordinatorKind } from '../api.ts'
import type { Timers } from '../timers.ts'

interface CoordinatorMove {
  readonly nodeId: number
  isLoading: boolean
}

/** Which brokers are up, and which of them coordinates a group or a transactional id. */
export class Brokers {
  readonly nodeIds: readonly number[]
  readonly #down = new Set<number>()
  readonly #moves = new Map<string, CoordinatorMove>()
  readonly #timers: Timers

  constructor(brokerCount: number, timers: Timers) {
    this.nodeIds = Array.from({ length: brokerCount }, (_, index) => index + 1)
    this.#timers = timers
  }

  isUp(nodeId: number): boolean {
    return this.nodeIds.includes(nodeId) && !this.#down.has(nodeId)
  }

  up(): number[] {
    return this.nodeIds.filter((nodeId) => this.isUp(nodeId))
  }

  /** The controller: the first broker that is up; -1 where none is. */
  get controllerId(): number {
    return this.up()[0] ?? -1
  }

  setUp(nodeId: number, isUp: boolean): void {
    if (isUp) this.#down.delete(nodeId)
    else this.#down.add(nodeId)
  }

  /** The coordinator of a key: where it was moved to, else by the key's hash; the next one that is up. */
  coordinatorOf(kind: CoordinatorKind, key: string): number {
    const preferred =
      this.#moves.get(`${kind} ${key}`)?.nodeId ?? this.nodeIds[hash(key) % this.nodeIds.length]!
    const start = this.nodeIds.indexOf(preferred)
    for (let step = 0; step < this.nodeIds.length; step++) {
      const nodeId = this.nodeIds[(start + step) % this.nodeIds.length]!
      if (this.isUp(nodeId)) return nodeId
    }
    return -1
  }

  /** The error with which a broker refuses to coordinate a key; 0 where it does coordinate it. */
  coordinatorError(nodeId: number, kind: CoordinatorKind, key: string): number {
    if (this.coordinatorOf(kind, key) !== nodeId) return kafkaError.NOT_COORDINATOR
    const isLoading = this.#moves.get(`${kind} ${key}`)?.isLoading ?? false
    return isLoading ? kafkaError.COORDINATOR_LOAD_IN_PROGRESS : 0
  }

  moveCoordinator(kind: CoordinatorKind, key: string, nodeId: number, loadingMs: number): void {
    const move: CoordinatorMove = { nodeId, isLoading: loadingMs > 0 }
    this.#moves.set(`${kind} ${key}`, move)
    if (move.isLoading) {
      this.#timers.set(loadingMs, () => {
        move.isLoading = false
      })
    }
  }
}

/** Java's `String.hashCode`, made positive as Kafka does to place groups and transactional ids. */
function hash(key: string): number {
  let code = 0
  for (let i = 0; i < key.length; i++) code = (Math.imul(code, 31) + key.charCodeAt(i)) | 0
  return code & 0x7fff_ffff
}
