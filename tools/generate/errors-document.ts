import { errorCatalogue, type Recovery } from '@millrace/errors'
import { table } from './table.ts'

/** `docs/errors.md`: every error code, what it means, what the engine does and what the reader can do. */
export function errorsDocument(): string {
  return [
    '# Errors',
    '',
    'Every error that Millrace throws on purpose carries a code, a recovery and, where there is one, the position of',
    'the record. The message reads `<CODE>: <what happened> [at topic[partition]@offset]. <remedy>`.',
    'Each code leads to its [runbook](operations/errors.md).',
    'Generated from `libs/errors/src/catalogue.ts` by `npm run generate`.',
    '',
    table(
      ['Code', 'Meaning', 'Recovery', 'Remedy'],
      Object.entries(errorCatalogue).map(([code, { meaning, recovery, remedy }]) => [
        `[\`${code}\`](operations/errors.md#${code.toLowerCase()})`,
        meaning,
        `\`${recovery}\``,
        remedy,
      ]),
    ),
    '',
    '## Recoveries',
    '',
    table(
      ['Recovery', 'What the engine does'],
      Object.entries(recoveries).map(([recovery, does]) => [`\`${recovery}\``, does]),
    ),
    '',
  ].join('\n')
}

const recoveries = {
  retry: 'Sends the same request again, after a back-off, until a deadline.',
  skip: 'Counts the record as dropped and goes on.',
  'dead-letter': "Copies the record's original bytes to the dead-letter topic and goes on.",
  'restore-task': 'Closes the task, rebuilds its state from the changelog, starts it again.',
  rejoin: 'Gives up the assignment and joins the consumer group again.',
  stop: 'Stops the worker; a person has to act.',
} satisfies Record<Recovery, string>
