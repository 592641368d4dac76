/** What builds and runs images here: Docker, or buildah where there is no Docker. */
export interface ImageTool {
  readonly name: string
  /** Builds the Dockerfile's `processor`. Rejects with the end of what the tool printed. */
  build(): Promise<BuiltImage>
}

export interface BuiltImage {
  readonly sizeBytes: number
  /** As the image has it: `uid:gid`. */
  readonly user: string
  /** Starts a container of it in this machine's network. */
  start(env: Readonly<Record<string, string>>): Promise<Container>
}

export interface Container {
  /** All that it wrote so far. */
  readonly log: () => string
  readonly isRunning: () => boolean
  /** Runs a command beside the first one, in the same container. */
  run(command: readonly string[]): Promise<CommandResult>
  /** Sends SIGTERM, waits for the end, removes the container; the exit code. */
  stop(): Promise<number>
}

export interface CommandResult {
  readonly code: number
  readonly output: string
}

/** The image's own command and health check, as the Dockerfile states them, and the CLI beside them. */
export const processorCommand = ['node', '--conditions=source', 'services/processor/src/main.ts']
export const healthCheckCommand = [
  'node',
  '--conditions=source',
  'services/processor/src/health-check/main.ts',
]
export const cliCommand = ['node', '--conditions=source', 'services/cli/src/main.ts']
