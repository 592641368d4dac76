import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Delivery {
  readonly alert: string
  readonly status: 'firing' | 'resolved'
  readonly atMs: number
}

interface WebhookBody {
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved'
    readonly labels: { readonly [name: string]: string }
  }[]
}

/** What Alertmanager delivers, and when: an HTTP server on the loopback. */
export class Hook {
  readonly deliveries: Delivery[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Hook> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { alerts } = JSON.parse(body) as WebhookBody
        for (const { status, labels } of alerts) {
          hook.deliveries.push({ alert: labels['alertname'] ?? '', status, atMs: Date.now() })
        }
        response.writeHead(200).end()
      })
    })
    const hook = new Hook(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return hook
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** When an alert was first delivered as firing after a moment. */
  firedAtMs(alert: string, sinceMs: number): number | undefined {
    return this.deliveries.find(
      (it) => it.alert === alert && it.status === 'firing' && it.atMs >= sinceMs,
    )?.atMs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
