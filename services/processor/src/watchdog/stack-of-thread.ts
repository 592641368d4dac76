import { Session } from 'node:inspector'

/** The inspector's messages that are used here. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: {
    readonly scriptId?: string
    readonly url?: string
    readonly callFrames?: readonly CallFrame[]
  }
}

interface CallFrame {
  readonly functionName: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number }
}

interface Attached {
  readonly sessionId: string
  readonly workerInfo: { readonly title: string }
}

/** So long a thread is given to stop at its next statement. */
const answerMs = 2_000
const framesMax = 30

/**
 * The stack of a worker thread of this process that does not turn, innermost frame first, as
 * `function (url:line)`. It is stopped for as long as that takes and goes on by itself. Null where
 * it cannot be had in two seconds: the thread is in native code that cannot be interrupted.
 *
 * The inspector reaches a thread by an interrupt, where a message would wait for its event loop.
 */
export function stackOfThread(name: string): Promise<readonly string[] | null> {
  const session = new Session()
  return new Promise((resolve) => {
    const thread = new ThreadSession(session, name, end)
    const timer = setTimeout(() => end(null), answerMs)
    function end(stack: readonly string[] | null): void {
      clearTimeout(timer)
      thread.letGo()
      resolve(stack)
    }
    session.connect()
    session.on('NodeWorker.attachedToWorker', ({ params }) => thread.attached(params))
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) =>
      thread.received(params.sessionId, JSON.parse(params.message) as Message),
    )
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error !== null) end(null)
    })
  })
}

/** The inspector of one thread, through that of the main thread. */
class ThreadSession {
  readonly #session: Session
  readonly #name: string
  readonly #onStack: (stack: readonly string[]) => void
  readonly #urls = new Map<string, string>()
  #id: string | null = null
  #isDone = false
  #lastSent = 0

  constructor(session: Session, name: string, onStack: (stack: readonly string[]) => void) {
    this.#session = session
    this.#name = name
    this.#onStack = onStack
  }

  attached({ sessionId, workerInfo }: Attached): void {
    // `[worker 3] worker-0`
    if (!workerInfo.title.endsWith(` ${this.#name}`)) return
    this.#id = sessionId
    this.#send('Debugger.enable')
    this.#send('Debugger.pause')
  }

  received(sessionId: string, { id, method, params }: Message): void {
    if (sessionId !== this.#id) return
    if (method === 'Debugger.scriptParsed') {
      this.#urls.set(params?.scriptId ?? '', params?.url ?? '')
    } else if (method === 'Debugger.paused') {
      this.#send('Debugger.resume')
      if (!this.#isDone) this.#onStack(this.#stack(params?.callFrames ?? []))
    } else if (this.#isDone && id === this.#lastSent) {
      this.#session.disconnect()
    }
  }

  /**
   * Also takes back a stop that has not come about: nobody would be there to end it. The session
   * stays until the thread has heard of it.
   */
  letGo(): void {
    if (this.#isDone) return
    this.#isDone = true
    if (this.#id === null) this.#session.disconnect()
    else this.#send('Debugger.disable')
  }

  #send(method: string): void {
    const message = JSON.stringify({ id: ++this.#lastSent, method })
    const sessionId = this.#id as string
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, () => {})
  }

  #stack(frames: readonly CallFrame[]): readonly string[] {
    return frames.slice(0, framesMax).map(({ functionName, location }) => {
      const url = this.#urls.get(location.scriptId) ?? ''
      return `${functionName || '(anonymous)'} (${url}:${location.lineNumber + 1})`
    })
  }
}
