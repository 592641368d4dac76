import type { Cluster } from '@millrace/kafka'
import type { Topology } from '@millrace/topology'
import { applicationOf, withCluster } from '../application.ts'
import { common, readArguments } from '../arguments.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { readLedger, type Settlement } from '../dead-letters/ledger.ts'
import { identityOf, type Letter } from '../dead-letters/letter.ts'
import { loadPatch, type Redriven, redrivenOf } from '../dead-letters/patch.ts'
import { printGroups, printLetter, printPlan } from '../dead-letters/print.ts'
import { deleteSettled, settledThrough } from '../dead-letters/purge.ts'
import { type LetterFilter, matches, readLetters } from '../dead-letters/read-letters.ts'
import { settle } from '../dead-letters/redrive.ts'

const verbs = ['list', 'show', 'patch', 'redrive', 'purge'] as const
type Verb = (typeof verbs)[number]

interface DlqArguments {
  readonly verb: Verb
  /** A position for `show`, a file for `patch`. */
  readonly subject: string | undefined
  readonly filter: LetterFilter
  readonly patch: string | undefined
  readonly perSecond: number
  readonly reason: string | undefined
  readonly by: string | undefined
  readonly mayWrite: boolean
  readonly isJson: boolean
  readonly topology: string | undefined
}

/** What a command has read. */
interface Desk {
  readonly cluster: Cluster
  readonly applicationId: string
  readonly topology: Topology
  readonly letters: readonly Letter[]
  readonly settled: ReadonlyMap<string, Settlement>
}

/** Looks at dead letters, and has them processed again or thrown away. */
export const dlq: Command = {
  name: 'dlq',
  usage:
    'list | show <topic:partition:offset> | patch <file> | redrive [--patch <file>] [--rate <records a second>] | purge [--code <code>] [--topic <topic>] [--plan <plan>] [--reason <why>] [--by <who>] [--yes] [--topology <file>] [--json]',
  summary:
    'Shows dead letters by error and plan, tries a patch on them, writes their records to their topics again (each once), or throws them away. Without --yes only looks.',

  async run(args, terminal) {
    const asked = argumentsOf(args)
    const { config, topology } = await applicationOf(terminal, asked.topology)
    const { applicationId, deadLetterTopic } = config
    if (deadLetterTopic === null) throw new UsageError('MILLRACE_DEAD_LETTER_TOPIC is not set')
    return withCluster(config, async (cluster) => {
      const letters = await readLetters(cluster, deadLetterTopic, Number.POSITIVE_INFINITY)
      const settled = await readLedger(cluster, applicationId)
      const desk = { cluster, applicationId, topology, letters, settled }
      return run(asked, desk, terminal)
    })
  },
}

function run(asked: DlqArguments, desk: Desk, terminal: Terminal): Promise<number> | number {
  const { letters, settled } = desk
  switch (asked.verb) {
    case 'list': {
      printGroups(
        terminal,
        letters.filter((each) => matches(each, asked.filter)),
        settled,
        asked.isJson,
      )
      return 0
    }
    case 'show': {
      const found = letters.filter((letter) => isAt(letter, asked.subject ?? ''))
      for (const letter of found) printLetter(terminal, letter, settled.get(identityOf(letter)))
      if (found.length === 0) terminal.err(`There is no dead letter of ${asked.subject}.`)
      return found.length === 0 ? 1 : 0
    }
    case 'purge':
      return purge(asked, desk, terminal)
    default:
      return redrive(asked, desk, terminal)
  }
}

async function redrive(asked: DlqArguments, desk: Desk, terminal: Terminal): Promise<number> {
  const { cluster, applicationId, topology } = desk
  const patch = asked.patch === undefined ? undefined : await loadPatch(asked.patch)
  const plan = {
    able: [] as { letter: Letter; redriven: Redriven }[],
    left: [] as { letter: Letter; why: string }[],
  }
  for (const letter of openOf(asked, desk)) {
    const outcome = await redrivenOf(letter, topology, patch)
    if ('why' in outcome) plan.left.push({ letter, why: outcome.why })
    else plan.able.push({ letter, redriven: outcome })
  }
  const isDone = asked.mayWrite && asked.verb === 'redrive'
  const { perSecond } = asked
  const options = {
    cluster,
    applicationId,
    perSecond,
    settlement: settlementOf('redriven', asked, terminal),
  }
  const count = isDone ? await settle(plan.able, options) : 0
  printPlan(terminal, plan, {
    isPatch: asked.verb === 'patch',
    isDone,
    count,
    isJson: asked.isJson,
  })
  return 0
}

async function purge(asked: DlqArguments, desk: Desk, terminal: Terminal): Promise<number> {
  const { cluster, applicationId, letters } = desk
  const open = openOf(asked, desk)
  const verb = asked.mayWrite ? 'thrown away' : 'would be thrown away'
  if (asked.mayWrite) {
    const settlement = settlementOf('dropped', asked, terminal)
    const dropped = open.map((letter) => ({ letter, redriven: null }))
    await settle(dropped, { cluster, applicationId, settlement, perSecond: 10_000 })
    await deleteSettled(cluster, settledThrough(letters, await readLedger(cluster, applicationId)))
  }
  if (asked.isJson) {
    terminal.out(
      JSON.stringify({ command: 'dlq purge', letters: open.length, isDone: asked.mayWrite }),
    )
  } else {
    terminal.out(
      `${open.length} letters ${verb}; what is settled leaves the topic up to the first that is not`,
    )
    if (!asked.mayWrite) terminal.out('Dry run: nothing was changed. Repeat with --yes to do it.')
  }
  return 0
}

/** Those asked for, of which nothing has become yet. */
function openOf({ filter }: DlqArguments, { letters, settled }: Desk): readonly Letter[] {
  return letters.filter((each) => matches(each, filter) && !settled.has(identityOf(each)))
}

function isAt(letter: Letter, position: string): boolean {
  const { topic, partition, offset } = letter.at
  return identityOf(letter) === position || `${topic}:${partition}:${offset}` === position
}

function settlementOf(
  as: Settlement['as'],
  { reason = '', by }: DlqArguments,
  { operator, nowMs }: Terminal,
): Settlement {
  return { as, reason, by: by ?? operator, atMs: nowMs() }
}

function argumentsOf(args: readonly string[]): DlqArguments {
  const { values, positionals } = readArguments(args, {
    ...common,
    code: { type: 'string' },
    topic: { type: 'string' },
    plan: { type: 'string' },
    patch: { type: 'string' },
    rate: { type: 'string', default: '100' },
    reason: { type: 'string' },
    by: { type: 'string' },
    yes: { type: 'boolean', default: false },
  })
  const [verb, subject, ...rest] = positionals
  if (!isVerb(verb)) throw new UsageError(`dlq knows ${verbs.join(', ')}`)
  const needsSubject = verb === 'show' || verb === 'patch'
  if (needsSubject !== (subject !== undefined) || rest.length > 0) {
    throw new UsageError(
      needsSubject ? `dlq ${verb} takes one argument` : `'${subject}' is too much`,
    )
  }
  const perSecond = Number(values.rate)
  if (!(perSecond > 0)) throw new UsageError('--rate is no number above 0')
  const isWriting = verb === 'redrive' || verb === 'purge'
  if (isWriting && values.yes && !values.reason) throw new UsageError('--yes needs --reason')
  return {
    verb,
    subject,
    filter: { code: values.code, topic: values.topic, plan: values.plan },
    patch: verb === 'patch' ? subject : values.patch,
    perSecond,
    reason: values.reason,
    by: values.by,
    mayWrite: values.yes,
    isJson: values.json,
    topology: values.topology,
  }
}

function isVerb(word: string | undefined): word is Verb {
  return verbs.some((verb) => verb === word)
}
