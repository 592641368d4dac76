import { afterEach, describe, expect, test } from 'vitest'
import type { KeyRange, StateBackend, WriteOperation } from '../backend.ts'

/** What a backend is made of, and what it claims. */
export interface BackendSubject {
  readonly name: string
  readonly supports: {
    /** Content outlives `close`: `create` at the same location finds it again. */
    readonly reopening: boolean
  }
  /** Opens a backend; the same `location` (a plain name) twice means the same data. */
  create(location: string): Promise<StateBackend>
}

/** What every `StateBackend` must do. Run it inside a vitest file. */
export function runBackendConformance(subject: BackendSubject): void {
  describe(`the ${subject.name} backend`, () => {
    const opened = new Set<StateBackend>()
    let locations = 0

    async function open(location = `backend-${locations++}`): Promise<StateBackend> {
      const backend = await subject.create(location)
      opened.add(backend)
      return backend
    }

    afterEach(async () => {
      for (const backend of opened) await backend.destroy()
      opened.clear()
    })

    pointReads(open)
    batches(open)
    ranges(open)
    snapshots(open)
    ends(open)
    reopening(open, subject.supports.reopening)
  })
}

type Open = (location?: string) => Promise<StateBackend>

function pointReads(open: Open): void {
  test('a key never written is absent', async () => {
    expect(read(await open(), 'a')).toBeUndefined()
  })

  test('keys and values are any bytes, an empty value is not absent', async () => {
    const backend = await open()
    const key = Buffer.from([0, 255, 128, 0])
    await backend.write([{ key, value: Buffer.alloc(0) }])
    expect(backend.getSync(key)).toEqual(Buffer.alloc(0))
    expect(backend.getSync(Buffer.from([0, 255, 128]))).toBeUndefined()
  })

  test('a value of four megabytes comes back whole', async () => {
    const backend = await open()
    const value = Buffer.alloc(4 * 1024 * 1024, 'millrace')
    await backend.write([{ key: Buffer.from('big'), value }])
    expect(backend.getSync(Buffer.from('big'))?.equals(value)).toBe(true)
  })

  test('buffers given and returned stay the property of the caller', async () => {
    const backend = await open()
    const value = Buffer.from('1')
    await backend.write([{ key: Buffer.from('a'), value }])
    value[0] = 0
    backend.getSync(Buffer.from('a'))?.fill(0)
    expect(read(backend, 'a')).toBe('1')
  })
}

function batches(open: Open): void {
  test('the later operation on a key wins', async () => {
    const backend = await open()
    await backend.write([put('a', '1'), remove('a'), put('a', '2'), put('b', '1'), remove('b')])
    expect(read(backend, 'a')).toBe('2')
    expect(read(backend, 'b')).toBeUndefined()
  })

  test('an empty batch and the removal of an absent key change nothing', async () => {
    const backend = await open()
    await backend.write([])
    await backend.write([remove('a')])
    expect(await all(backend, {})).toEqual([])
  })

  test('a batch is seen whole or not at all', async () => {
    const backend = await open()
    await backend.write([put('a', '1'), put('b', '1')])
    const writing = backend.write([put('a', '2'), put('b', '2')])
    // The write may be done between two reads: what must never be seen is new, then old.
    const seen = [read(backend, 'b'), read(backend, 'a')]
    expect(seen).not.toEqual(['2', '1'])
    await writing
    expect([read(backend, 'a'), read(backend, 'b')]).toEqual(['2', '2'])
  })
}

function ranges(open: Open): void {
  test('keys sort as unsigned bytes, a prefix before what it begins', async () => {
    const backend = await open()
    const keys = ['', '00', '0000', '01', '7f', '7fff', '80', 'ff', 'ff00'].map(fromHex)
    await backend.write([...keys].reverse().map((key) => ({ key, value: key })))
    expect((await collect(backend.keys({}))).map(toHex)).toEqual(keys.map(toHex))
  })

  test.each<[string, KeyRange, string]>([
    ['no bound is everything', {}, 'abcde'],
    ['the lower bound belongs to the range', { gte: Buffer.from('b') }, 'bcde'],
    ['the upper bound does not', { lt: Buffer.from('d') }, 'abc'],
    ['bounds need not be keys', { gte: Buffer.from('aa'), lt: Buffer.from('cc') }, 'bc'],
    ['a limit counts from the start', { gte: Buffer.from('b'), limit: 2 }, 'bc'],
    ['in reverse it counts from the end', { lt: Buffer.from('e'), limit: 2, reverse: true }, 'dc'],
    ['in reverse the bounds are the same', { gte: Buffer.from('b'), reverse: true }, 'edcb'],
    ['an empty range is empty', { gte: Buffer.from('c'), lt: Buffer.from('c') }, ''],
    ['bounds the wrong way round are empty', { gte: Buffer.from('d'), lt: Buffer.from('b') }, ''],
  ])('%s', async (_title, range, expected) => {
    const backend = await open()
    await backend.write(Array.from('ebdac').map((key) => put(key, key)))
    expect((await all(backend, range)).join('')).toBe(expected)
    expect((await collect(backend.keys(range))).join('')).toBe(expected)
  })

  test('a range of several thousand entries comes back whole and in order', async () => {
    const backend = await open()
    const keys = Array.from({ length: 2_500 }, (_, i) => String(i).padStart(5, '0'))
    await backend.write(keys.map((key) => put(key, key)))
    expect(await all(backend, {})).toEqual(keys)
  })
}

function snapshots(open: Open): void {
  test('a range is what was there at the call, whatever is written before and while it is read', async () => {
    const backend = await open()
    await backend.write([put('a', '1'), put('b', '1'), put('c', '1')])
    const entries = backend.entries({})
    await backend.write([put('a', '2'), remove('b'), put('d', '2')])
    const seen: string[] = []
    for await (const [key, value] of entries) {
      seen.push(`${key.toString()}=${value.toString()}`)
      await backend.write([remove('c')])
    }
    expect(seen).toEqual(['a=1', 'b=1', 'c=1'])
  })

  test('a reader may stop in the middle', async () => {
    const backend = await open()
    await backend.write(Array.from('abc').map((key) => put(key, key)))
    for await (const key of backend.keys({})) {
      expect(String(key)).toBe('a')
      break
    }
    await backend.close()
  })
}

function ends(open: Open): void {
  test('after the close every use is an error', async () => {
    const backend = await open()
    await backend.close()
    expect(() => backend.getSync(Buffer.from('a'))).toThrow(/MILLRACE_ERRORS_ASSERTION/)
    await expect(backend.write([put('a', '1')])).rejects.toThrow(/MILLRACE_ERRORS_ASSERTION/)
    expect(() => backend.keys({})).toThrow(/MILLRACE_ERRORS_ASSERTION/)
  })

  test('closing twice is closing once', async () => {
    const backend = await open()
    await backend.close()
    await expect(backend.close()).resolves.toBeUndefined()
  })

  test('what was destroyed is gone', async () => {
    const first = await open('destroyed')
    await first.write([put('a', '1')])
    await first.destroy()
    const second = await open('destroyed')
    expect(await all(second, {})).toEqual([])
  })
}

function reopening(open: Open, isSupported: boolean): void {
  const outcome = isSupported ? 'what was committed is there' : 'nothing is there'
  test(`${outcome} after reopening`, async () => {
    const first = await open('reopened')
    await first.write([put('a', '1'), put('b', '2'), remove('a')])
    await first.close()
    const second = await open('reopened')
    expect(read(second, 'a')).toBeUndefined()
    expect(read(second, 'b')).toBe(isSupported ? '2' : undefined)
    await second.destroy()
  })
}

function put(key: string, value: string): WriteOperation {
  return { key: Buffer.from(key), value: Buffer.from(value) }
}

function remove(key: string): WriteOperation {
  return { key: Buffer.from(key), value: null }
}

function read(backend: StateBackend, key: string): string | undefined {
  return backend.getSync(Buffer.from(key))?.toString()
}

async function all(backend: StateBackend, range: KeyRange): Promise<readonly string[]> {
  return (await collect(backend.entries(range))).map(([, value]) => value.toString())
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

function toHex(bytes: Buffer): string {
  return bytes.toString('hex')
}
