import { buildah } from './buildah.ts'
import { runCommand } from './command.ts'
import { docker, isDockerRunning } from './docker.ts'
import type { ImageTool } from './image-tool.ts'

const programs = ['buildah', 'debootstrap']

/** Docker where its engine answers; else buildah, installed where this may; else why not. */
export async function findImageTool(): Promise<ImageTool | { readonly missing: string }> {
  if (await isDockerRunning()) return docker
  if (process.getuid?.() !== 0)
    return { missing: 'An image needs Docker running, or root on Debian for buildah.' }
  if (await areInstalled()) return buildah
  const install = ['install', '--yes', '--no-install-recommends', ...programs]
  await runCommand('apt-get', ['update', '--quiet'])
  await runCommand('apt-get', install)
  if (await areInstalled()) return buildah
  return { missing: `An image needs Docker running, or apt-get install ${programs.join(' ')}.` }
}

async function areInstalled(): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => runCommand('which', [program])))
  return found.every(({ code }) => code === 0)
}
