import { MillraceError } from '@millrace/errors'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** Reads `host:port` or `[ipv6]:port`. Throws `MILLRACE_KAFKA_UNAVAILABLE` for anything else. */
export function parseAddress(text: string): BrokerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text.trim())
  if (match === null) {
    throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', {
      message: `"${text}" is no broker address`,
      recovery: 'stop',
    })
  }
  return { host: match[1] ?? match[2]!, port: Number(match[3]) }
}

export function formatAddress(address: BrokerAddress): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}
