import { headerText } from '@millrace/record'
import { topics } from '../application.ts'
import { byKey, type Evidence } from '../evidence.ts'
import { atTheEnd, both } from './checker.ts'

/** In = processed + dropped + dead-lettered: the engine's own books, and what cannot be read. */
export const conservation = atTheEnd('conservation', both, function* (it: Evidence) {
  for (const { process, message, fields } of it.log) {
    if (message.includes('do not add up')) yield `${process}: ${JSON.stringify(fields)}`
  }
  const poison = it.fed.filter(({ isPoison }) => isPoison)
  const letters = byKey(it.cluster.readAll(topics.deadLetters), ({ headers }) => {
    const named = (name: string) => headerText(headers, `__streams.errors.${name}`)
    return `${named('partition')}@${named('offset')}`
  })
  for (const { partition, offset } of poison) {
    const times = letters.get(`${partition}@${offset}`)?.length ?? 0
    const isRight = it.guarantee === 'exactly_once' ? times === 1 : times >= 1
    if (!isRight) yield `the unreadable record ${partition}@${offset} has ${times} dead letters`
  }
  const places = new Set(poison.map(({ partition, offset }) => `${partition}@${offset}`))
  for (const place of letters.keys()) {
    if (!places.has(place)) yield `a dead letter of ${place}, which can be read`
  }
})
