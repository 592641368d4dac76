import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MetricsRegistry } from '@millrace/telemetry'
import type { Health } from '../health.ts'
import type { ProcessMetrics } from '../process-metrics.ts'

export interface HttpServerOptions {
  readonly host: string
  readonly port: number
  readonly health: Health
  readonly metrics: MetricsRegistry
  readonly processMetrics: ProcessMetrics
}

const paths = ['/healthz', '/readyz', '/metrics']

/**
 * `/healthz` (alive: the process turns and no worker has failed; Kafka is not asked),
 * `/readyz` (every worker is running: joined and restored), `/metrics` (Prometheus text).
 * Served by the main thread, so all three answer while a worker is stuck.
 */
export class HttpServer {
  readonly #server: Server
  readonly #options: HttpServerOptions

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000 },
      (request, response) => {
        // Without an answer a scrape would hang until its own time-out, and say nothing.
        this.#answer(request, response).catch((error: unknown) => {
          if (response.headersSent) response.destroy()
          else send(response, 500, { error: error instanceof Error ? error.message : 'failed' })
        })
      },
    )
  }

  /** Resolves to the port that it listens on. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#options.port, this.#options.host, () => {
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { health, metrics, processMetrics } = this.#options
    const path = request.url?.split('?')[0] ?? ''
    response.once('finish', () => {
      processMetrics.answered(paths.includes(path) ? path : 'other', response.statusCode)
    })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, 405, { error: 'GET only' })
    switch (path) {
      case '/healthz':
        return send(response, health.isAlive() ? 200 : 503, health.report())
      case '/readyz':
        return send(response, health.isReady() ? 200 : 503, health.report())
      case '/metrics':
        processMetrics.collect()
        return sendText(response, metrics.contentType, await metrics.text())
      default:
        send(response, 404, { error: 'not found', paths })
    }
  }
}

function sendText(response: ServerResponse, contentType: string, text: string): void {
  response.writeHead(200, { 'content-type': contentType })
  response.end(text)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
