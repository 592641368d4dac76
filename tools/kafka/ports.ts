import { type AddressInfo, createServer, type Server } from 'node:net'

/** Ports of the loopback that were free a moment ago; all of them are held until the last is found. */
export async function freePorts(count: 2): Promise<[number, number]>
export async function freePorts(count: number): Promise<number[]>
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  try {
    for (let taken = 0; taken < count; taken += 1) servers.push(await listen())
    return servers.map((server) => (server.address() as AddressInfo).port)
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
