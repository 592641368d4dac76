import { assert } from '@millrace/errors'
import { Agenda, type AgendaEntry } from '@millrace/operators'
import { noHeaders, type Record, type Serde } from '@millrace/record'
import type { Row, Store } from '@millrace/store'
import type { Windowed, Windows } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { type AlertEvent, eventOf } from '../alert-event.ts'
import type { AlertRule } from '../rule/alert-rule.ts'
import type { Sample } from '../rule/sample.ts'
import { AbsenceLife } from '../state/absence.ts'
import { type AlertState, newState } from '../state/alert-state.ts'
import { ConditionLife } from '../state/condition.ts'
import { FailureLife } from '../state/failure.ts'
import { end, type Lifecycle, type Say, settle } from '../state/lifecycle.ts'
import { type AlertStores, bucketMsOf } from './alert-stores.ts'
import { type Arrival, arrivalOf, speaksForMs } from './arrival.ts'

export interface AlertOperatorOptions<K, V> {
  readonly rule: AlertRule<K, V>
  readonly stores: AlertStores
  /** Of the view; undefined where its keys are not windowed. */
  readonly windows: Windows | undefined
  readonly keySerde: Serde<unknown>
}

/** Tags on the agenda. A window that is complete comes before what is due of itself at that time. */
const windowComplete = 0
const alertDue = 1
const afterWindows = Number.MAX_SAFE_INTEGER

/** The row of the alert that the rule itself is. No dedupe key begins so. */
const failureKey = '\u0000failed'

type Events = Collector<string, AlertEvent>

/**
 * Holds a rule against each value, and speaks where an alert begins and where it ends. All of it is a
 * function of the records and of stream time: for each record,
 *
 * 1. what is due of its key before its time is done;
 * 2. the value is judged, or kept until time has passed its window;
 * 3. with every step of stream time, what is due by then is done, in the order of time and key.
 *
 * States and what is due are part of the task's state: no restart says anything twice.
 */
export class AlertOperator<K, V> implements Processor<unknown, unknown, string, AlertEvent> {
  readonly #options: AlertOperatorOptions<K, V>
  readonly #life: ConditionLife<K, V> | AbsenceLife<K, V>
  readonly #failure = new FailureLife()
  #task: TaskParts | undefined
  /** What is said of the record, or of the alert, that is under way. */
  readonly #said: { readonly event: AlertEvent; readonly atMs: number }[] = []
  /** Everything due up to here has been done. */
  #settledMs = -1

  constructor(options: AlertOperatorOptions<K, V>) {
    this.#options = options
    const { rule, windows } = options
    this.#life =
      rule.kind.is === 'condition'
        ? new ConditionLife(rule, rule.kind, speaksForMs(windows))
        : new AbsenceLife(rule, rule.kind)
  }

  init(context: ProcessorContext): void {
    const { stores, rule } = this.#options
    const time = context.time(stores.states)
    this.#settledMs = time.streamTimeMs
    this.#task = {
      context,
      time,
      states: context.store(stores.states),
      open: stores.open === undefined ? undefined : context.store(stores.open),
      agenda: new Agenda(context.store(stores.due), bucketMsOf(rule)),
    }
    context.schedule({ everyMs: 1, by: 'stream-time' }, (_nowMs, collector) =>
      this.#advance(collector),
    )
  }

  process(record: Record<unknown, unknown>, collector: Events): void {
    if (record.key === null || record.key === undefined) return collector.drop(record, 'null-key')
    const { windows } = this.#options
    const { context, time } = this.#parts()
    time.observe(context.streamTimeMs)
    const arrival = arrivalOf<K, V>(record, windows, context.streamTimeMs)
    if (!arrival.isComplete && this.#hold(record as Record<Windowed<K>, V>, arrival)) return
    const isJudged = this.#judge(arrival, this.#settledMs)
    this.#tell((event, atMs) => send(collector, event, atMs))
    if (!isJudged) collector.drop(record, 'failed-rule')
  }

  flush(): void {
    this.#parts().agenda.save()
  }

  /** Stream time has moved. */
  #advance(collector: Events): void {
    const { agenda, context, time } = this.#parts()
    const throughMs = context.streamTimeMs
    time.observe(throughMs)
    // With most records nothing is due.
    while (agenda.nextAtMs <= throughMs) {
      const entry = agenda.next(throughMs)
      if (entry === undefined) break
      if (entry.tag === alertDue) this.#due(entry)
      else this.#complete(entry)
      this.#tell((event, atMs) => release(collector, event, atMs))
    }
    this.#settledMs = Math.max(this.#settledMs, throughMs)
  }

  #due(entry: AgendaEntry): void {
    const row = this.#parts().states.row(entry.key.toString())
    if (row.value === null || row.value.dueAtMs !== entry.timeMs) return
    row.value.dueAtMs = -1
    const say = this.#sayOf(row.key, row.value)
    this.#keep(row, settle(row.value, this.#lifeOf(row.key), entry.timeMs, say), entry.timeMs)
  }

  /** Keeps the value until time has passed its window. False where the rule looks at it at once. */
  #hold(
    { key, value, timestampMs }: Record<Windowed<K>, V>,
    { window, completeAtMs }: Arrival<K, V>,
  ): boolean {
    const { open, agenda } = this.#parts()
    if (open === undefined) return false
    assert(window, 'only the values of windows are incomplete')
    const row = open.row(key) as Row<unknown, V>
    if (row.value === null && value !== null) {
      const bytes = this.#options.keySerde.serialize(key)
      const { startMs: windowStartMs } = window
      agenda.add({ timeMs: completeAtMs, windowStartMs, tag: windowComplete, key: bytes })
    }
    row.value = value
    row.timestampMs = timestampMs
    open.changed(row)
    return true
  }

  #complete({ key, timeMs }: AgendaEntry): void {
    const { windows, keySerde } = this.#options
    const { open } = this.#parts()
    assert(open && windows, 'windows wait in their store')
    const row = open.row(keySerde.deserialize(key)) as Row<Windowed<K>, V>
    const { value } = row
    if (value === null) return
    row.value = null
    open.changed(row)
    const { key: bare, window } = row.key
    const settledAtMs = windows.closesAt(window)
    const time = { atMs: timeMs, isComplete: true, completeAtMs: timeMs, settledAtMs }
    const arrival = { key: bare, value, window, ...time }
    this.#judge(arrival, timeMs)
  }

  /** False where a function of the rule threw; the alert is as time has made it then, and the rule is one. */
  #judge(arrival: Arrival<K, V>, settledMs: number): boolean {
    const { rule } = this.#options
    try {
      const dedupe = rule.dedupeKey(arrival.key)
      assert(!dedupe.startsWith(failureKey), 'a dedupe key begins with a NUL')
      const row = this.#parts().states.row(dedupe)
      if (arrival.value === null) this.#deleted(row, arrival, settledMs)
      else this.#taken(row, arrival as Arrival<K, V> & { value: V }, settledMs)
      return true
    } catch (error) {
      this.#failed(error, arrival, settledMs)
      return false
    }
  }

  #taken(
    row: Row<string, AlertState>,
    arrival: Arrival<K, V> & { readonly value: V },
    settledMs: number,
  ): void {
    const { key, value, window, settledAtMs, isComplete } = arrival
    const known = row.value
    if (window !== undefined && known !== null && window.endMs < known.windowEndMs) return
    const atMs = Math.max(arrival.atMs, known?.lastAtMs ?? -1)
    const isOfUse =
      known !== null && settle(known, this.#life, atMs - 1, this.#sayOf(row.key, known))
    const state = isOfUse ? known : newState()
    const say = this.#sayOf(row.key, state)
    row.value = state
    const isProvisional = !isComplete
    const sample: Sample<K, V> = { key, value, atMs, isProvisional, ...(window && { window }) }
    let isTaken = false
    try {
      this.#life.take(state, sample, say)
      isTaken = true
      if (window !== undefined) {
        state.windowEndMs = window.endMs
        state.neededThroughMs = Math.max(state.neededThroughMs, settledAtMs)
      }
    } finally {
      // Also where a function of the rule threw: time has gone on for the alert.
      const isKept = (isTaken || isOfUse) && settle(state, this.#life, settledMs, say)
      this.#keep(row, isKept, settledMs)
    }
  }

  /** The key's row is gone: so is what was said of it. A window's deletion says nothing of its key. */
  #deleted(row: Row<string, AlertState>, { window, atMs }: Arrival<K, V>, settledMs: number): void {
    const state = row.value
    if (state === null || window !== undefined) return
    const say = this.#sayOf(row.key, state)
    const throughMs = Math.max(atMs, state.lastAtMs)
    settle(state, this.#life, throughMs - 1, say)
    end(state, throughMs, 'deleted', say)
    state.history = []
    // The absence of what was deleted is none.
    const isOfUse = this.#options.rule.kind.is === 'condition'
    this.#keep(row, isOfUse && settle(state, this.#life, settledMs, say), settledMs)
  }

  #failed(error: unknown, { key, atMs }: Arrival<K, V>, settledMs: number): void {
    const { rule } = this.#options
    const row = this.#parts().states.row(failureKey)
    row.value ??= newState()
    const say = this.#sayOf(row.key, row.value)
    const what = error instanceof Error ? error.message : String(error)
    const description = `The alert rule '${rule.name}' threw for the key ${JSON.stringify(key)}: ${what}`
    this.#failure.failed(row.value, atMs, description, say)
    this.#keep(row, settle(row.value, this.#failure, settledMs, say), settledMs)
  }

  /** Puts the row back, and what is due of it next on the agenda. */
  #keep(row: Row<string, AlertState>, isOfUse: boolean, settledMs: number): void {
    const { states, agenda } = this.#parts()
    const state = row.value
    if (state === null) return
    if (!isOfUse) row.value = null
    else this.#plan(row.key, state, agenda, settledMs)
    row.timestampMs = Math.max(settledMs, 0)
    states.changed(row)
  }

  #plan(key: string, state: AlertState, agenda: Agenda, settledMs: number): void {
    const due = this.#lifeOf(key).dueOf(state)
    if (due === undefined) return
    // What is on the agenda earlier is looked at then; it finds nothing due, and plans again.
    if (state.dueAtMs > settledMs && state.dueAtMs <= due.atMs) return
    state.dueAtMs = due.atMs
    const at = { timeMs: due.atMs, windowStartMs: afterWindows, tag: alertDue }
    agenda.add({ ...at, key: Buffer.from(key) })
  }

  #lifeOf(key: string): Lifecycle {
    return key === failureKey ? this.#failure : this.#life
  }

  #sayOf(key: string, state: AlertState): Say {
    const { rule } = this.#options
    return (status, atMs, reason) => {
      const { streamTimeMs, taskId } = this.#parts().context
      // Time was past it already: the same may have been said before, and its row be gone.
      if (status === 'firing') state.lateMs = atMs <= this.#settledMs ? streamTimeMs - atMs : 0
      else state.neededThroughMs = Math.max(state.neededThroughMs, atMs, streamTimeMs) + 1
      const dedupe = key === failureKey ? `failed-rule/${taskId.partition}` : key
      const event = eventOf(rule, dedupe, state, { status, atMs, reason })
      this.#said.push({ event, atMs })
    }
  }

  /** Only now: what fails behind this operator is no failure of the rule. */
  #tell(way: (event: AlertEvent, atMs: number) => void): void {
    if (this.#said.length === 0) return
    for (const { event, atMs } of this.#said.splice(0)) way(event, atMs)
  }

  #parts(): TaskParts {
    assert(this.#task, 'the operator is used after init')
    return this.#task
  }
}

interface TaskParts {
  readonly context: ProcessorContext
  readonly time: OperatorTime
  readonly states: Store<string, AlertState>
  readonly open: Store<unknown, unknown> | undefined
  readonly agenda: Agenda
}

/** With the record under way. */
function send(collector: Events, value: AlertEvent, timestampMs: number): void {
  collector.forward({ key: value.dedupeKey, value, timestampMs, headers: noHeaders })
}

/** Let go by time. */
function release(collector: Events, event: AlertEvent, atMs: number): void {
  collector.release(event.dedupeKey, atMs, () => send(collector, event, atMs))
}
