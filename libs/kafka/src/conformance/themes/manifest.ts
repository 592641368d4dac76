import { features, type Supports } from '../supports.ts'
import { conforms, type Theme } from '../theme.ts'

/** A manifest with a forgotten or misspelt feature would skip tests unseen. */
export function manifest(supports: Supports): Theme {
  return [
    conforms(
      'the manifest says of every feature whether it is supported, and of no other',
      async (_, expect) => {
        expect(Object.keys(supports).sort()).toEqual([...features].sort())
        for (const isSupported of Object.values(supports)) expect(isSupported).toBeTypeOf('boolean')
      },
    ),
  ]
}
