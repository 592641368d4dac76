import type { RecordPosition } from '@millrace/errors'
import { parsePosition, type SkipRecord } from '@millrace/runtime'
import { settingsOf, withCluster } from '../application.ts'
import { common, readArguments } from '../arguments.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { lookAt, type RecordReport, refusalOf } from '../skip/look-at.ts'
import { writeSkip } from '../skip/write-skip.ts'

interface SkipArguments {
  readonly position: RecordPosition
  readonly reason: string
  readonly by: string | undefined
  readonly isUndo: boolean
  /** Else only looks. */
  readonly mayWrite: boolean
  readonly isJson: boolean
}

interface Outcome {
  readonly isUndo: boolean
  readonly isWritten: boolean
  /** Why nothing may be written; null where it may. */
  readonly refusal: string | null
}

/** Has one record passed over, when its worker starts again; says first what it would do. */
export const skip: Command = {
  name: 'skip',
  usage: '<topic:partition:offset> --reason <why> [--by <who>] [--undo] [--yes] [--json]',
  summary:
    'Passes over a record that stops or blocks its worker, with an audit record. Without --yes only looks.',

  async run(args, terminal) {
    const asked = argumentsOf(args)
    const config = settingsOf(terminal)
    const { applicationId } = config
    return withCluster(config, async (cluster) => {
      const report = await lookAt(cluster, applicationId, asked.position)
      const refusal = asked.isUndo ? null : refusalOf(report)
      const audit: SkipRecord = {
        ...asked.position,
        reason: asked.reason,
        by: asked.by ?? terminal.operator,
        atMs: terminal.nowMs(),
      }
      const isWritten = asked.mayWrite && refusal === null
      if (isWritten) await writeSkip(cluster, applicationId, audit, { isUndo: asked.isUndo })
      const outcome = { command: 'skip', applicationId, ...audit, report, refusal, isWritten }
      if (asked.isJson) terminal.out(JSON.stringify(outcome))
      else
        print(terminal, applicationId, audit, report, { isUndo: asked.isUndo, isWritten, refusal })
      return refusal === null ? 0 : 1
    })
  },
}

function argumentsOf(args: readonly string[]): SkipArguments {
  const { values, positionals } = readArguments(args, {
    json: common.json,
    reason: { type: 'string' },
    by: { type: 'string' },
    undo: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  })
  const [text = '', ...rest] = positionals
  const position = parsePosition(text)
  if (position === undefined || rest.length > 0)
    throw new UsageError(`'${positionals.join(' ')}' is not one topic:partition:offset`)
  const reason = values.reason?.trim() ?? ''
  if (reason === '') throw new UsageError('A --reason is required: it is kept with the record.')
  const { undo: isUndo, yes: mayWrite, json: isJson, by } = values
  return { position, reason, by, isUndo, mayWrite, isJson }
}

function print(
  terminal: Terminal,
  applicationId: string,
  { topic, partition, offset, reason, by }: SkipRecord,
  { record, committedOffset }: RecordReport,
  { isUndo, isWritten, refusal }: Outcome,
): void {
  const { out, err } = terminal
  out(`${isUndo ? 'Take back the skip of' : 'Skip'} ${topic}[${partition}]@${offset}`)
  out(`  application  ${applicationId}`)
  out(`  record       ${record === null ? 'not there' : describe(record)}`)
  out(`  committed    ${committedOffset ?? 'nothing yet'}`)
  out(`  reason       ${reason}`)
  out(`  by           ${by}`)
  if (refusal !== null) err(`Refused: ${refusal}`)
  else if (!isWritten) out('Dry run: nothing was written. Repeat with --yes to write it.')
  else out('Written. Workers read it when they start and when partitions are assigned to them.')
}

function describe(record: NonNullable<RecordReport['record']>): string {
  const size = (bytes: number | null): string => (bytes === null ? 'null' : `${bytes} bytes`)
  const at = new Date(record.timestampMs).toISOString()
  return `key ${size(record.keyBytes)}, value ${size(record.valueBytes)}, ${at}`
}
