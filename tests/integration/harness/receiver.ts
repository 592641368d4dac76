import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What one POST brought. */
export interface Received {
  readonly id: string
  readonly key: string
  readonly value: string
}

/** An HTTP server that effects are written to; it can refuse. */
export class Receiver {
  readonly received: Received[] = []
  refused = 0
  refuses = false
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        if (receiver.refuses) receiver.refused++
        else {
          const id = String(request.headers['idempotency-key'])
          receiver.received.push({ id, ...(JSON.parse(body) as { key: string; value: string }) })
        }
        response.writeHead(receiver.refuses ? 503 : 204).end()
      })
    })
    const receiver = new Receiver(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
