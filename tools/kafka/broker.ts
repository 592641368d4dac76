import type { ChildProcess } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Installation, installKafka, type Progress } from './installation.ts'
import { launch } from './jvm.ts'
import { makeRunDir, notePid, removeLeftovers } from './leftovers.ts'
import { freePorts } from './ports.ts'
import { ended, hasEnded } from './process.ts'
import { waitUntilReady } from './ready.ts'
import { type Properties, serverProperties, writeProperties } from './server-properties.ts'
import { prepareDataDir } from './storage.ts'

export interface BrokerOptions {
  /** Added to the defaults of `server-properties.ts`; these win. */
  readonly properties?: Properties
  /** Where the data lies. A folder of the run's own, removed by `stop()`, unless given; a given one is kept. */
  readonly dataDir?: string
  /** A free one unless given. */
  readonly port?: number
  /** Replaces the small heap and quick compiler of the tests, for a benchmark: `['-Xmx2g']`. */
  readonly jvmOptions?: readonly string[]
  /** Told once per step that takes a while; silent unless given. */
  readonly onProgress?: Progress
}

/** A real Kafka of one node. Ended with this process at the latest. */
export interface Broker {
  /** `host:port`, for `bootstrap.servers` and MILLRACE_KAFKA_BROKERS. */
  readonly brokers: string
  /** Of the running JVM; changes with `restart()`. */
  readonly pid: number
  readonly logFile: string
  /** Ends it in order and removes its data. Repeating it does nothing. */
  stop(): Promise<void>
  /** SIGKILL, as a lost machine would; data and port stay for `restart()`. */
  kill(): Promise<void>
  /** The same port and data again; ends it in order first where it runs. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a broker (about 2 s; the first start of all fetches Kafka). Throws with the ways on without Java or Maven. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const installation = await installKafka(options.onProgress ?? (() => {}))
  removeLeftovers()
  const [port, controllerPort] = await freePorts(2)
  const dir = makeRunDir()
  const dataDir = options.dataDir ?? join(dir, 'data')
  if (!existsSync(join(dataDir, 'meta.properties'))) prepareDataDir(installation, dataDir)

  const brokerPort = options.port ?? port
  const propertiesFile = join(dir, 'server.properties')
  const defaults = serverProperties({ dataDir, port: brokerPort, controllerPort })
  writeProperties(propertiesFile, { ...defaults, ...options.properties })

  const { jvmOptions } = options
  const broker = new LocalBroker({
    installation,
    dir,
    propertiesFile,
    port: brokerPort,
    ...(jvmOptions && { jvmOptions }),
  })
  await broker.start()
  return broker
}

interface Run {
  readonly installation: Installation
  readonly dir: string
  readonly propertiesFile: string
  readonly port: number
  readonly jvmOptions?: readonly string[]
}

const stopMsMax = 15_000

class LocalBroker implements Broker {
  readonly brokers: string
  readonly logFile: string
  readonly #run: Run
  #child: ChildProcess | undefined
  readonly #endWithUs = () => {
    this.#child?.kill('SIGKILL')
    rmSync(this.#run.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }

  constructor(run: Run) {
    this.#run = run
    this.brokers = `127.0.0.1:${run.port}`
    this.logFile = join(run.dir, 'broker.log')
    process.once('exit', this.#endWithUs)
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('The broker is not running')
    return pid
  }

  async start(): Promise<void> {
    this.#child = launch(this.#run)
    // Without a listener a failed start would throw out of nowhere; waitUntilReady reports it.
    this.#child.once('error', () => {})
    if (this.#child.pid !== undefined) notePid(this.#run.dir, this.#child.pid)
    try {
      await waitUntilReady({ child: this.#child, port: this.#run.port, dir: this.#run.dir })
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.#end()
    process.removeListener('exit', this.#endWithUs)
    rmSync(this.#run.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    child.kill('SIGKILL')
    await ended(child)
    this.#child = undefined
  }

  async restart(): Promise<void> {
    await this.#end()
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    if (!hasEnded(child)) child.kill('SIGTERM')
    const giveUp = new AbortController()
    await Promise.race([
      ended(child),
      sleep(stopMsMax, undefined, { signal: giveUp.signal }).catch(() => {}),
    ])
    giveUp.abort()
    await this.kill()
  }
}
