/**
 * What the engine does about an error. Exactly one function in `runtime` switches on it.
 *
 * - `retry`: the same request again, after a back-off, until a deadline.
 * - `skip`: count the record as dropped and go on.
 * - `dead-letter`: copy the record's original bytes to the dead-letter topic and go on.
 * - `restore-task`: close the task, rebuild its state from the changelog, start it again.
 * - `rejoin`: give up the assignment, join the consumer group again.
 * - `stop`: stop the worker; a person has to act.
 */
export type Recovery = 'retry' | 'skip' | 'dead-letter' | 'restore-task' | 'rejoin' | 'stop'
