import { type Headers, headerText } from '@millrace/record'
import type { Window } from '@millrace/time'
import { resultHeader, resultHeaders } from '../emission/result-headers.ts'

const own: readonly string[] = Object.values(resultHeader)

/** An update that proved to be the last one of its window: what it said of itself, as a final result. */
export function finalHeaders(window: Window, ofUpdate: Headers, streamTimeMs: number): Headers {
  const revision = headerText(ofUpdate, resultHeader.revision)
  const others = ofUpdate.filter(([name]) => !own.includes(name))
  return [...others, ...resultHeaders({ kind: 'final', revision, window, streamTimeMs })]
}
