import type { Finding } from './source-file.ts'

/** The table at the top of `tools/setup.mjs`: command → script. */
export function commandTable(setup: string): Map<string, string> {
  const table = /const commands = \{([^}]*)\}/.exec(setup)?.[1] ?? ''
  return new Map(
    [...table.matchAll(/^\s*(\w+): \['([^']+)'/gm)].map(([, name, script]) => [
      name ?? '',
      script ?? '',
    ]),
  )
}

/** npm's scripts and the table of the set-up, both ways, and that each script is there. */
export function findStrayCommands(
  scripts: Readonly<Record<string, string>>,
  commands: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): Finding[] {
  return [
    ...Object.entries(scripts)
      .filter(([name, line]) => line !== `node tools/setup.mjs ${name}`)
      .map(([name, line]) => `npm run ${name} does not go through the set-up: ${line}`),
    ...Object.keys(scripts)
      .filter((name) => !commands.has(name))
      .map((name) => `tools/setup.mjs has no command ${name}`),
    ...[...commands.keys()]
      .filter((name) => scripts[name] === undefined)
      .map((name) => `package.json has no script ${name}`),
    ...[...commands]
      .filter(([, script]) => !exists(script))
      .map(([name, script]) => `${name} starts ${script}, which does not exist`),
  ]
}
