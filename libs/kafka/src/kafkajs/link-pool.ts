import type { KafkaRequest } from '../wire/requests/kafka-request.ts'
import { BrokerLink, type BrokerLinkOptions } from './broker-link.ts'
import { type BrokerAddress, formatAddress } from './brokers/broker-address.ts'

/**
 * The connections for one purpose, to all brokers. A broker answers the requests of one connection
 * one after the other, so what it may hold back (a long-polling Fetch, a JoinGroup that waits for
 * other members) gets a connection to itself, up to `linksMax` per broker; beyond that they queue.
 * With `linksMax` 1 requests to a broker keep their order.
 */
export class LinkPool {
  readonly #options: BrokerLinkOptions
  readonly #linksMax: number
  readonly #links = new Map<string, BrokerLink[]>()

  constructor(linksMax: number, options: BrokerLinkOptions) {
    this.#linksMax = linksMax
    this.#options = options
  }

  send<Request, Answer>(
    address: BrokerAddress,
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    return this.#link(address).send(request, body, timeoutMs)
  }

  /** Drops the connections to all other addresses. */
  retain(addresses: ReadonlySet<string>, reason: Error): void {
    for (const [address, links] of this.#links) {
      if (addresses.has(address)) continue
      this.#links.delete(address)
      for (const link of links) link.close(reason)
    }
  }

  #link(address: BrokerAddress): BrokerLink {
    const key = formatAddress(address)
    let links = this.#links.get(key)
    if (links === undefined) this.#links.set(key, (links = []))
    let chosen: BrokerLink | undefined
    for (const link of links)
      if (chosen === undefined || link.loadCount < chosen.loadCount) chosen = link
    if (chosen !== undefined && (chosen.loadCount === 0 || links.length >= this.#linksMax))
      return chosen
    const made = new BrokerLink(address, this.#options)
    links.push(made)
    return made
  }
}
