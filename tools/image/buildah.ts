import { join } from 'node:path'
import { mustRun, RunningCommand, runCommand } from './command.ts'
import { type BuiltImage, type Container, type ImageTool, processorCommand } from './image-tool.ts'
import { makeBaseFolder } from './local-base.ts'

const root = join(import.meta.dirname, '../..')
const cache = join(root, '.cache/image')
const base = 'localhost/millrace-base'
const tag = 'localhost/millrace'

/** Its own storage, so that nothing else on the machine sees the images; `vfs` needs no kernel module. */
const storage = [
  ...['--root', join(cache, 'storage'), '--runroot', join(cache, 'run')],
  ...['--storage-driver', 'vfs'],
]

/**
 * Debian's buildah: builds without a daemon, in a changed root instead of a container of its own.
 * The Dockerfile is the real one; only its base is made here (`local-base.ts`), because there is no
 * registry of images to take one from.
 */
export const buildah: ImageTool = {
  name: 'buildah',
  async build(): Promise<BuiltImage> {
    await haveBaseImage()
    await mustRun('buildah', [
      ...[...storage, 'bud', '--isolation=chroot', '--format=docker', '--pull-never'],
      ...['--ignorefile', join(root, '.dockerignore'), '--build-arg', `BASE=${base}`],
      ...['--target=processor', '--tag', tag, root],
    ])
    // The image that had this name before, which nothing names any more.
    await runCommand('buildah', [...storage, 'rmi', '--prune'])
    const inspect = [
      ...storage,
      'inspect',
      '--type=image',
      '--format',
      '{{.OCIv1.Config.User}}',
      tag,
    ]
    const images = await mustRun('buildah', [...storage, 'images', '--json', tag])
    const [image] = JSON.parse(images) as [{ readonly size: string }]
    return { sizeBytes: bytesOf(image.size), user: await mustRun('buildah', inspect), start }
  },
}

async function haveBaseImage(): Promise<void> {
  if ((await runCommand('buildah', [...storage, 'inspect', '--type=image', base])).code === 0)
    return
  const { folder, env } = await makeBaseFolder(join(cache, 'base'))
  const container = await mustRun('buildah', [...storage, 'from', 'scratch'])
  await mustRun('buildah', [...storage, 'add', '--quiet', container, folder, '/'])
  for (const [name, value] of Object.entries(env)) {
    await mustRun('buildah', [...storage, 'config', '--env', `${name}=${value}`, container])
  }
  await mustRun('buildah', [...storage, 'commit', '--quiet', '--rm', container, base])
}

async function start(env: Readonly<Record<string, string>>): Promise<Container> {
  const container = await mustRun('buildah', [...storage, 'from', '--pull-never', tag])
  const settings = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const inside = [...storage, 'run', '--isolation=chroot', ...settings, container, '--']
  // A signal to buildah would kill what runs in it: the end of the input is made the signal.
  const untilInputEnds = '"$@" & child=$!; cat > /dev/null; kill -TERM $child; wait $child'
  const running = new RunningCommand('buildah', [
    ...inside,
    ...['sh', '-c', untilInputEnds, 'sh', ...processorCommand],
  ])
  let isRunning = true
  void running.ended.then(() => {
    isRunning = false
  })
  return {
    log: () => running.output,
    isRunning: () => isRunning,
    run: (command) => runCommand('buildah', [...inside, ...command]),
    async stop() {
      running.child.stdin?.end()
      const code = await running.ended
      await runCommand('buildah', [...storage, 'rm', container])
      return code
    },
  }
}

/** `383 MB` as buildah prints it. */
function bytesOf(size: string): number {
  const [number = '', unit = ''] = size.split(' ')
  const factor = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit.toUpperCase()] ?? Number.NaN
  return Number(number) * factor
}
