import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Mutation, mutations } from './catalogue.ts'
import { SourceCopy } from './source-copy.ts'

export interface MutationResult {
  readonly mutation: Mutation
  /** The fault's run ended red, as it must, and for this reason. */
  readonly isSeen: boolean
  /** The row of the fault's table, and what was wrong. */
  readonly shown: string
}

/** Runs each named fault on sources that lack the rule. */
export async function runMutations(
  brokers: string,
  seed: number,
  print: (line: string) => void,
  wanted: (number: number) => boolean = () => true,
): Promise<readonly MutationResult[]> {
  const results: MutationResult[] = []
  for (const mutation of mutations.filter((_, i) => wanted(i + 1))) {
    print(`${mutation.title}: fault ${mutation.fault} must go red`)
    const result = await runMutation(mutation, brokers, seed).catch((error: unknown) => {
      return { mutation, isSeen: false, shown: String(error) }
    })
    print(
      `${result.shown}\n  ${result.isSeen ? 'red, as it must be' : 'GREEN: the rule is not tested'}`,
    )
    results.push(result)
  }
  return results
}

async function runMutation(
  mutation: Mutation,
  brokers: string,
  seed: number,
): Promise<MutationResult> {
  using copy = new SourceCopy()
  for (const patch of mutation.patches) copy.apply(patch)
  const { fault, rounds } = mutation
  const main = join(copy.root, 'tests', 'faults', 'main.ts')
  const args = [String(fault), '--short', '--rounds', String(rounds), '--seed', String(seed)]
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
    env: { ...process.env, MILLRACE_KAFKA_BROKERS: brokers },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  const table = text.slice(text.lastIndexOf('\nfault ')).trimStart()
  // A run that fell over before the oracle spoke is red too, and shows nothing.
  const isSeen = code === 1 && / FAILED$/m.test(table) && mutation.sign.test(table)
  return { mutation, isSeen, shown: table.split('\n').slice(0, 7).join('\n') }
}
