import { setTimeout as sleep } from 'node:timers/promises'

const pauseMs = 50

/**
 * Repeats until the condition holds and returns what it returned. A condition that throws does not
 * hold yet. Throws after `limitMs`, naming what was waited for and what `explain` adds to it.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { limitMs = 120_000, explain }: { limitMs?: number; explain?: () => string } = {},
): Promise<NonNullable<T>> {
  const deadlineMs = performance.now() + limitMs
  let last: unknown
  for (;;) {
    try {
      const result = await condition()
      if (result) return result
      last = result
    } catch (error) {
      last = error
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`not in ${limitMs} ms: ${what} (last: ${String(last)})\n${explain?.() ?? ''}`)
    }
    await sleep(pauseMs)
  }
}
