import type { ExpectStatic } from 'vitest'
import type { Feature } from './supports.ts'
import type { TestClient } from './test-client.ts'

/** One thing that holds for every cluster. */
export interface Conformance {
  readonly title: string
  readonly needs: Feature | null
  readonly body: (client: TestClient, expect: ExpectStatic) => Promise<void>
}

/** What belongs together, in the order in which it is shown. */
export type Theme = readonly Conformance[]

export function conforms(
  title: string,
  body: Conformance['body'],
  needs: Feature | null = null,
): Conformance {
  return { title, needs, body }
}
