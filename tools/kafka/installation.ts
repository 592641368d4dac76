// A Kafka that is ready to start: jars, the checkpoint that formatting writes, and a class archive.
// Made once and kept in .cache/; every later start is a single JVM of about two seconds.

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokerAvailability } from './available.ts'
import {
  areJarsCached,
  classPath,
  fetchJars,
  installationDir,
  kafkaCacheDir,
  kafkaVersion,
} from './jars.ts'
import { findJava } from './java.ts'
import { launch } from './jvm.ts'
import { makeRunDir, notePid } from './leftovers.ts'
import { withLock } from './lock.ts'
import { freePorts } from './ports.ts'
import { ended } from './process.ts'
import { waitUntilReady } from './ready.ts'
import { serverProperties, writeProperties } from './server-properties.ts'
import { formatStorage, prepareDataDir } from './storage.ts'

export interface Installation {
  readonly java: string
  readonly classPath: string
  /** What StorageTool writes: the feature levels of a newly formatted cluster. */
  readonly bootstrapCheckpoint: string
  /** The JVM's class archive: classes mapped from one file instead of parsed from the jars. */
  readonly classArchive: string
}

export type Progress = (line: string) => void

/** The installation, completed where something is missing. Throws with the ways on without Java or Maven. */
export async function installKafka(onProgress: Progress): Promise<Installation> {
  const availability = brokerAvailability()
  const java = findJava()
  if (!availability.isAvailable) throw new Error(availability.reason)
  if (java === undefined) throw new Error('Java vanished between two looks at it')

  return withLock(join(kafkaCacheDir, 'install.lock'), async () => {
    if (!areJarsCached()) {
      onProgress(`Fetching Apache Kafka ${kafkaVersion} from Maven Central (43 MB, once)…`)
      await fetchJars()
    }
    const installation: Installation = {
      java: java.command,
      classPath: classPath(),
      bootstrapCheckpoint: join(installationDir, 'bootstrap.checkpoint'),
      // A JVM only accepts an archive of its own version.
      classArchive: join(installationDir, `classes-java-${java.version}.jsa`),
    }
    if (!existsSync(installation.bootstrapCheckpoint)) {
      onProgress('Formatting storage (once)…')
      await makeCheckpoint(installation)
    }
    if (!existsSync(installation.classArchive)) {
      onProgress('Making the broker quick to start (once, about 8 s)…')
      await makeClassArchive(installation)
    }
    return installation
  })
}

async function makeCheckpoint(installation: Installation): Promise<void> {
  const dir = makeRunDir()
  try {
    await formatStorage(installation, { dataDir: dir })
    renameSync(join(dir, 'bootstrap.checkpoint'), installation.bootstrapCheckpoint)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Starts a broker once and lets its JVM write down, at its exit, the classes that it loaded. */
async function makeClassArchive(installation: Installation): Promise<void> {
  const dir = makeRunDir()
  const [port, controllerPort] = await freePorts(2)
  const dataDir = join(dir, 'data')
  prepareDataDir(installation, dataDir)
  const propertiesFile = join(dir, 'server.properties')
  writeProperties(propertiesFile, serverProperties({ dataDir, port, controllerPort }))

  const partial = join(dir, 'classes.jsa')
  const child = launch({
    installation,
    dir,
    propertiesFile,
    jvmOptions: [`-XX:ArchiveClassesAtExit=${partial}`],
  })
  try {
    if (child.pid !== undefined) notePid(dir, child.pid)
    await waitUntilReady({ child, port, dir })
    child.kill('SIGTERM')
    await ended(child)
    // Some JVMs cannot. An empty archive is passed over at every start, and not asked for again.
    if (!existsSync(partial)) writeFileSync(partial, '')
    renameSync(partial, installation.classArchive)
  } finally {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
