import type { HandleHolder, HandleKeeper } from '@millrace/store'
import type { HandleAnswer, HandleRequest } from './messages.ts'

/** In a worker thread: asks the main one to hold a database. */
export class ThreadHandles implements HandleHolder {
  readonly #ask: (request: HandleRequest) => void
  readonly #open = new Map<number, PromiseWithResolvers<void>>()
  #requests = 0

  constructor(ask: (request: HandleRequest) => void) {
    this.#ask = ask
  }

  hold(location: string): Promise<void> {
    return this.#request('hold', location)
  }

  release(location: string): Promise<void> {
    return this.#request('release', location)
  }

  answered({ request, error }: HandleAnswer): void {
    const waiting = this.#open.get(request)
    this.#open.delete(request)
    if (error === undefined) waiting?.resolve()
    else waiting?.reject(Object.assign(new Error(error.message), { code: error.code }))
  }

  #request(kind: HandleRequest['kind'], location: string): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    const request = ++this.#requests
    this.#open.set(request, waiting)
    this.#ask({ kind, request, location })
    return waiting.promise
  }
}

/** In the main thread: does what a worker thread asks for. */
export async function answerHandleRequest(
  keeper: HandleKeeper,
  owner: string,
  { kind, request, location }: HandleRequest,
): Promise<HandleAnswer> {
  try {
    await keeper[kind](location, owner)
    return { kind: 'handle', request }
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: string }
    return { kind: 'handle', request, error: { code, message } }
  }
}
