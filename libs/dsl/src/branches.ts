import { MillraceError } from '@millrace/errors'
import { type OfRecord, pass, split } from '@millrace/operators'
import type { Record } from '@millrace/record'
import type { StreamPart } from './draft/stream-part.ts'
import type { KStream } from './kstream.ts'
import type { OperatorOptions } from './options.ts'
import type { Keys } from './stateless-stream.ts'

/** Branch names with what each takes, asked in this order. */
export interface Predicates<K, V> {
  readonly [branch: string]: OfRecord<K, V, boolean>
}

export interface OtherwiseOptions<O extends string> extends OperatorOptions {
  /** Name of the branch for what no predicate takes; left out, such records end here. */
  readonly otherwise?: O
}

/** A stream for each branch, by name; a type guard narrows the values of its branch. */
export type Branches<K, V, S extends Keys, P, O extends string> = {
  readonly [B in keyof P]: P[B] extends Guard<K, V, infer V2> ? KStream<K, V2, S> : KStream<K, V, S>
} & { readonly [B in O]: KStream<K, V, S> }

type Guard<K, V, V2 extends V> = (value: V, key: K, record: Record<K, V>) => value is V2

/** Adds the splitting node and the head of each branch; gives the heads by branch name. */
export function splitStream<K, V>(
  { draft, from }: StreamPart<K, V>,
  predicates: Predicates<K, V>,
  options: OtherwiseOptions<string> = {},
): { readonly [branch: string]: string } {
  const names = Object.keys(predicates)
  if (options.otherwise !== undefined) names.push(options.otherwise)
  checkBranchNames(names)
  const inOrder = Object.values(predicates)
  const hasOtherwise = options.otherwise !== undefined
  const node = draft.addProcessor(
    {
      operator: 'split',
      name: options.name,
      functions: inOrder,
      detail: names.join(', '),
      supplier: () => split({ predicates: inOrder, hasOtherwise }),
    },
    from,
  )
  const heads: { [branch: string]: string } = {}
  for (const branch of names) {
    heads[branch] = draft.addProcessor(
      { operator: 'branch', name: `${node}-${branch}`, supplier: () => pass() },
      [node],
    )
  }
  return heads
}

function checkBranchNames(names: readonly string[]): void {
  if (names.length === 0) throw invalid('split() has no branches')
  if (new Set(names).size < names.length)
    throw invalid(`split() has two branches '${names.at(-1)}'`)
  // An object's keys that look like numbers come first, whatever the order they were written in.
  const numeric = names.find((name) => String(Number(name)) === name)
  if (numeric !== undefined) throw invalid(`split() has a branch '${numeric}', which is a number`)
}

function invalid(message: string): MillraceError {
  return new MillraceError('MILLRACE_DSL_INVALID', {
    message,
    remedy: 'Give each branch its own name, beginning with a letter.',
  })
}
