import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync } from 'node:fs'
import { join } from 'node:path'

interface Launch {
  readonly installation: {
    readonly java: string
    readonly classPath: string
    readonly classArchive: string
  }
  /** Gets `broker.log` and `console.log`. */
  readonly dir: string
  readonly propertiesFile: string
  /** Added last, so that they win. */
  readonly jvmOptions?: readonly string[]
}

/** Quick to start and small; a benchmark gives its own. */
const defaultJvmOptions = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Starts a broker's JVM; it is not yet ready when this returns. */
export function launch({
  installation,
  dir,
  propertiesFile,
  jvmOptions = [],
}: Launch): ChildProcess {
  const log = join(dir, 'broker.log')
  // Readiness is read from the log: the line of an earlier start must not count.
  if (existsSync(log)) renameSync(log, join(dir, 'broker.previous.log'))
  const archive = existsSync(installation.classArchive)
    ? [`-XX:SharedArchiveFile=${installation.classArchive}`]
    : []
  const options = [
    ...archive,
    ...['-Xshare:auto', '-Xlog:cds=off', '-Xlog:cds+dynamic=off'],
    ...(jvmOptions.some((option) => option.startsWith('-Xmx')) ? [] : defaultJvmOptions),
    ...jvmOptions,
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.xml')}`,
    `-Dmillrace.kafka.log=${log}`,
  ]
  const console = openSync(join(dir, 'console.log'), 'a')
  try {
    return spawn(
      installation.java,
      [...options, '-cp', installation.classPath, 'kafka.Kafka', propertiesFile],
      {
        stdio: ['ignore', console, console],
        // A process group of its own: Ctrl-C reaches us alone, and we stop the broker in order.
        detached: process.platform !== 'win32',
      },
    )
  } finally {
    closeSync(console)
  }
}
