import { spawnSync } from 'node:child_process'

export interface CheckResult {
  /** What it printed. */
  readonly output: string
  /** The same where it failed; empty where it had nothing to complain of. */
  readonly complaints: string
}

/** Runs a checker from the repository's root; Python finds its packages in `pythonPath`. */
export function runCheck(
  program: string,
  args: readonly string[],
  pythonPath?: string,
): CheckResult {
  const env = pythonPath === undefined ? process.env : { ...process.env, PYTHONPATH: pythonPath }
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8' })
  const output = `${stdout ?? ''}${stderr ?? ''}`
  const complaints = status === 0 ? '' : `exit code ${status} ${error?.message ?? ''}\n${output}`
  return { output, complaints }
}
