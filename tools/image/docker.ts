import { join } from 'node:path'
import { mustRun, RunningCommand, runCommand } from './command.ts'
import type { BuiltImage, Container, ImageTool } from './image-tool.ts'

const root = join(import.meta.dirname, '../..')
const tag = 'millrace'

export async function isDockerRunning(): Promise<boolean> {
  return (await runCommand('docker', ['version', '--format', '{{.Server.Version}}'])).code === 0
}

/** Docker's own engine, with the base image from its registry. */
export const docker: ImageTool = {
  name: 'Docker',
  async build(): Promise<BuiltImage> {
    await mustRun('docker', ['build', '--target=processor', '--tag', tag, root])
    const format = '{{.Size}} {{.Config.User}}'
    const inspected = await mustRun('docker', ['image', 'inspect', '--format', format, tag])
    const [size = '', user = ''] = inspected.split(' ')
    return { sizeBytes: Number(size), user, start }
  },
}

async function start(env: Readonly<Record<string, string>>): Promise<Container> {
  const name = `millrace-${process.pid}-${Date.now()}`
  const container = new RunningCommand('docker', [
    'run',
    ...['--name', name, '--network=host', '--init', '--read-only', '--tmpfs=/tmp'],
    ...['--cap-drop=ALL', '--security-opt=no-new-privileges'],
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    tag,
  ])
  let isRunning = true
  void container.ended.then(() => {
    isRunning = false
  })
  return {
    log: () => container.output,
    isRunning: () => isRunning,
    run: (command) => runCommand('docker', ['exec', name, ...command]),
    async stop() {
      await runCommand('docker', ['stop', '--time=30', name])
      const code = await container.ended
      await runCommand('docker', ['rm', '--force', '--volumes', name])
      return code
    },
  }
}
