import { unreachable } from '@millrace/errors'
import type { SimulatedCluster, VirtualClock } from '@millrace/simulation'
import { applicationId } from './application.ts'
import { Disk } from './disk.ts'
import type { LogLine } from './evidence.ts'
import { Machine } from './machine.ts'
import { type Happening, type Scenario, sessionTimeoutMs } from './scenario.ts'
import { type Guarantee, SimulatedProcess, type Tampering } from './simulated-process.ts'
import type { Trace } from './trace.ts'

export interface FleetOptions {
  readonly scenario: Scenario
  readonly guarantee: Guarantee
  readonly clock: VirtualClock
  readonly cluster: SimulatedCluster
  readonly trace: Trace
  readonly tampering?: Tampering | undefined
}

const machinesMax = 4
const lingerMsMax = 300
const toldCharsMax = 300

/** The machines, what happens to them, and a supervisor that starts again what has ended. */
export class Fleet {
  readonly machines: Machine[] = []
  readonly log: LogLine[] = []
  readonly failures: string[] = []
  readonly #options: FleetOptions
  #due: readonly Happening[]
  #isTroubled = true

  constructor(options: FleetOptions) {
    this.#options = options
    this.#due = options.scenario.happenings
    for (let n = 0; n < options.scenario.machineCount; n++) this.#join()
  }

  /** Those that brokers may know of. */
  transactionalIds(): readonly string[] {
    return this.machines.map(({ processId }) => `${applicationId}-${processId}-0`)
  }

  /** Whether every machine runs a worker that has what it was assigned. */
  get isSettled(): boolean {
    return this.machines.every(({ process }) => process?.worker.state === 'running')
  }

  /** What is due by now. */
  tick(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const due = this.#due.filter(({ atMs }) => atMs <= nowMs)
    this.#due = this.#due.slice(due.length)
    for (const happening of due) this.#happen(happening)
    for (const machine of this.machines) {
      if (machine.wakeAtMs !== null && machine.wakeAtMs <= nowMs) this.#wake(machine)
      this.#supervise(machine)
      if (machine.restartAtMs !== null && machine.restartAtMs <= nowMs) this.#start(machine)
    }
  }

  /** Nothing more happens; what is down or stopped comes back. */
  endTrouble(): void {
    this.#options.trace.tell('the trouble ends')
    this.#isTroubled = false
    this.#due = []
    const { cluster, clock } = this.#options
    for (const node of cluster.nodeIds) cluster.brokerUp(node)
    for (const machine of this.machines) {
      machine.disk.latencyMs = 0
      if (machine.process?.isFrozen) this.#wake(machine)
      if (machine.restartAtMs !== null) machine.restartAtMs = clock.monotonicMs()
    }
  }

  /** The end: everybody at once. Gives who ran which task. */
  killAll(): ReadonlyMap<string, Machine> {
    const owners = new Map<string, Machine>()
    for (const machine of this.machines) {
      for (const task of machine.process?.worker.tasks() ?? []) owners.set(task.name, machine)
      machine.process?.kill()
      void machine.process?.disconnect()
    }
    return owners
  }

  #happen(happening: Happening): void {
    const { trace, clock } = this.#options
    const machine = this.machines[happening.machine % this.machines.length] as Machine
    switch (happening.kind) {
      case 'kill':
        if (machine.process?.isAlive) this.#killed(machine, happening, 'killed')
        return
      case 'kill at commit':
        return this.#arm(machine, happening)
      case 'freeze':
        if (machine.isCalm) this.#freeze(machine, happening.forMs, 'stopped')
        return
      case 'freeze at commit':
        return this.#armFreeze(machine, happening)
      case 'leave':
        return this.#leave(machine, happening.restartMs)
      case 'join':
        if (this.machines.length < machinesMax) this.#join()
        return
      case 'slow disk':
        trace.tell(`${machine.name}: its disk takes ${happening.latencyMs} ms a write`)
        machine.disk.latencyMs = happening.latencyMs
        clock.setTimer(happening.forMs, () => {
          machine.disk.latencyMs = 0
        })
        return
      case 'clock jump':
        trace.tell(`${machine.name}: its wall clock jumps by ${happening.byMs} ms`)
        machine.jumpWall(happening.byMs)
        return
      case 'broker restart':
        return this.#restartBroker(happening.node, happening.forMs)
      case 'compact':
        return this.#compact()
      default:
        return unreachable(happening)
    }
  }

  #arm(machine: Machine, happening: Happening & { kind: 'kill at commit' }): void {
    const { step, nth } = happening
    machine.process?.atCommit(step, nth, 'kill', () => {
      this.#killed(machine, happening, `killed before ${step}`)
    })
  }

  #armFreeze(machine: Machine, happening: Happening & { kind: 'freeze at commit' }): void {
    const { step, nth, forMs } = happening
    machine.process?.atCommit(step, nth, 'freeze', () => {
      this.#freeze(machine, forMs, `stopped before ${step}`)
    })
  }

  /** Its connections outlive the process a little: what it has sent may still arrive. */
  #killed(
    machine: Machine,
    { restartMs, losesDisk }: { restartMs: number; losesDisk: boolean },
    how: string,
  ): void {
    const { clock, trace, scenario } = this.#options
    const { process } = machine
    trace.tell(`${process?.name}: ${how}${losesDisk ? ', its disk is lost' : ''}`)
    process?.kill()
    machine.wakeAtMs = null
    machine.isLeaving = false
    const lingerMs = scenario.processes.chance(0.5) ? scenario.processes.int(lingerMsMax) : 0
    clock.setTimer(lingerMs, () => void process?.disconnect())
    if (losesDisk) {
      machine.disk = this.#newDisk()
      machine.disks++
    }
    machine.restartAtMs = clock.monotonicMs() + (this.#isTroubled ? restartMs : 0)
  }

  #freeze(machine: Machine, forMs: number, how: string): void {
    const { clock, trace } = this.#options
    trace.tell(`${machine.process?.name}: ${how} for ${forMs} ms`)
    machine.process?.freeze()
    machine.wakeAtMs = clock.monotonicMs() + (this.#isTroubled ? forMs : 0)
  }

  #wake(machine: Machine): void {
    machine.wakeAtMs = null
    this.#options.trace.tell(`${machine.process?.name}: goes on`)
    machine.process?.wake()
  }

  #leave(machine: Machine, restartMs: number): void {
    if (!machine.isCalm) return
    const { clock, trace } = this.#options
    const process = machine.process as SimulatedProcess
    trace.tell(`${process.name}: is asked to stop`)
    machine.isLeaving = true
    void process.worker.stop().then(() => {
      if (!process.isAlive) return
      trace.tell(`${process.name}: has stopped`)
      process.kill()
      void process.disconnect()
      machine.isLeaving = false
      machine.restartAtMs = clock.monotonicMs() + (this.#isTroubled ? restartMs : 0)
    })
  }

  #join(): void {
    const machine = new Machine(`m${this.machines.length + 1}`, this.#newDisk())
    this.machines.push(machine)
    this.#start(machine)
  }

  /** A worker that fails by itself ends its process. */
  #supervise(machine: Machine): void {
    const { process } = machine
    if (process === null || !process.isAlive || process.worker.state !== 'failed') return
    const { clock, trace } = this.#options
    const { error } = process.worker
    const why = error instanceof Error ? error.message : String(error)
    this.failures.push(`${process.name}: ${why}`)
    trace.tell(`${process.name}: failed: ${why}`)
    process.kill()
    void process.disconnect()
    machine.isLeaving = false
    machine.restartAtMs = clock.monotonicMs() + 1_000
  }

  #start(machine: Machine): void {
    const { scenario, guarantee, clock, cluster, trace, tampering } = this.#options
    machine.restartAtMs = null
    machine.starts++
    const name = `${machine.name}.${machine.starts}`
    trace.tell(`${name}: starts`)
    machine.process = new SimulatedProcess({
      name,
      processId: machine.processId,
      cluster,
      clock,
      wall: machine.wall,
      disk: machine.disk,
      guarantee,
      commitIntervalMs: scenario.commitIntervalMs,
      sessionTimeoutMs,
      tampering,
      log: (level, message, fields) => this.#wrote(name, level, message, fields),
    })
  }

  #wrote(process: string, level: LogLine['level'], message: string, fields: object): void {
    this.log.push({ process, level, message, fields: { ...fields } })
    if (level === 'info') return
    const { err } = fields as { err?: unknown }
    const cause = err instanceof Error ? `: ${err.message}` : ''
    this.#options.trace.tell(`${process}: ${level}: ${message}${cause}`.slice(0, toldCharsMax))
  }

  /**
   * Only what is decided may be compacted. A transaction is; what at least once has flushed and not
   * committed is protected by the changelogs' compaction lag, an hour, and no run is as long.
   */
  #compact(): void {
    const { cluster, trace, guarantee } = this.#options
    if (guarantee === 'at_least_once') return
    trace.tell('the changelogs are compacted')
    for (const topic of cluster.topics()) {
      if (topic.endsWith('-changelog')) cluster.compact(topic)
    }
  }

  #restartBroker(node: number, forMs: number): void {
    const { cluster, trace, clock } = this.#options
    trace.tell(`broker ${node} is down for ${forMs} ms`)
    cluster.brokerDown(node)
    clock.setTimer(forMs, () => cluster.brokerUp(node))
  }

  #newDisk(): Disk {
    const { clock, scenario } = this.#options
    return new Disk(clock, scenario.disks.fork())
  }
}
