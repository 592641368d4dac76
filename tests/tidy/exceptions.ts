// Where a rule of the house does not hold, and why. Each line is a debt or a reason; neither grows unseen.

interface SizeException {
  readonly path: string
  /** Lines of a file or of its longest function, or files of a folder: this many and not one more. */
  readonly limit: number
  readonly reason: string
}

export const longFiles: readonly SizeException[] = []

export const longFunctions: readonly SizeException[] = []

export const crowdedFolders: readonly SizeException[] = []

interface CallException {
  /** A file, or a folder with its closing slash. */
  readonly path: string
  readonly calls: readonly string[]
  readonly reason: string
}

/** Where a lib may touch the machine itself. */
export const machineCalls: readonly CallException[] = [
  {
    path: 'libs/time/src/clock.ts',
    calls: ['Date.now', 'performance.now', 'setTimeout', 'clearTimeout'],
    reason: 'the one real Clock, which everything else is given',
  },
]
