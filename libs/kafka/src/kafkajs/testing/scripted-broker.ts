import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Encoder } from '../../wire/primitives/encoder.ts'

/** A request as it arrived; the body begins after the client id. */
export interface ReceivedRequest {
  readonly socket: Socket
  readonly apiKey: number
  readonly correlationId: number
  /** Sends an answer with this body. */
  answer(body: Buffer): void
}

/** A socket that speaks just enough Kafka to go wrong in chosen ways. ApiVersions it answers itself. */
export interface ScriptedBroker extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Of all connections so far, open or not. */
  readonly connectionCount: number
  /** The next request that nobody took yet. */
  next(): Promise<ReceivedRequest>
}

const apiVersionsKey = 18

export async function startScriptedBroker(
  options: { readonly versionMax?: number; readonly onConnection?: (socket: Socket) => void } = {},
): Promise<ScriptedBroker> {
  const received: ReceivedRequest[] = []
  const waiting: ((request: ReceivedRequest) => void)[] = []
  const sockets = new Set<Socket>()
  let connectionCount = 0
  const server = createServer((socket) => {
    connectionCount++
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    options.onConnection?.(socket)
    readRequests(socket, (request) => {
      if (request.apiKey === apiVersionsKey)
        return request.answer(apiVersions(options.versionMax ?? 99))
      const take = waiting.shift()
      if (take === undefined) received.push(request)
      else take(request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { address: host, port } = server.address() as AddressInfo
  return {
    host,
    port,
    get connectionCount() {
      return connectionCount
    },
    next: async () => received.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function readRequests(socket: Socket, take: (request: ReceivedRequest) => void): void {
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const correlationId = bytes.readInt32BE(8)
      const answer = (body: Buffer) => socket.write(frame(correlationId, body))
      take({ socket, apiKey: bytes.readInt16BE(4), correlationId, answer })
      bytes = bytes.subarray(4 + bytes.readInt32BE(0))
    }
  })
}

export function frame(correlationId: number, body: Buffer): Buffer {
  return Buffer.concat([
    new Encoder()
      .int32(body.length + 4)
      .int32(correlationId)
      .bytes(),
    body,
  ])
}

/** v2: errorCode int16 · apis [key int16 · min int16 · max int16] · throttleTimeMs int32, all of 0 to `versionMax`. */
function apiVersions(versionMax: number): Buffer {
  const keys = Array.from({ length: 60 }, (_, key) => key)
  const encoder = new Encoder().int16(0)
  encoder.array(keys, (key) => encoder.int16(key).int16(0).int16(versionMax))
  return Buffer.from(encoder.int32(0).bytes())
}
