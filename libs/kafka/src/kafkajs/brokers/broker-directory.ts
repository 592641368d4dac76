import type { MetadataAnswer } from '../../ports/transport.ts'
import { type BrokerAddress, formatAddress, parseAddress } from './broker-address.ts'

/** Where brokers are: those named in the settings, and those that metadata told. */
export class BrokerDirectory {
  readonly #seeds: readonly BrokerAddress[]
  #byNode = new Map<number, BrokerAddress>()
  #lastAnswered: BrokerAddress | null = null

  constructor(brokers: readonly string[]) {
    this.#seeds = brokers.map(parseAddress)
  }

  address(nodeId: number): BrokerAddress | undefined {
    return this.#byNode.get(nodeId)
  }

  learn(nodeId: number, address: BrokerAddress): void {
    this.#byNode.set(nodeId, address)
  }

  replace(brokers: MetadataAnswer['brokers']): void {
    this.#byNode = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
  }

  answered(address: BrokerAddress): void {
    this.#lastAnswered = address
  }

  /** Whom to ask what any broker can tell, the likeliest to answer first. */
  candidates(): BrokerAddress[] {
    const candidates = new Map<string, BrokerAddress>()
    const all = [
      ...(this.#lastAnswered ? [this.#lastAnswered] : []),
      ...this.#byNode.values(),
      ...this.#seeds,
    ]
    for (const address of all) candidates.set(formatAddress(address), address)
    return [...candidates.values()]
  }

  addresses(): ReadonlySet<string> {
    return new Set([...this.#byNode.values(), ...this.#seeds].map(formatAddress))
  }
}
