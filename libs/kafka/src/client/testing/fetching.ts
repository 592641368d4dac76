import type { FetcherOptions } from '../../ports/fetcher.ts'
import type { FetchRequest } from '../../ports/transport.ts'
import { PartitionFetcher } from '../fetch/partition-fetcher.ts'
import { connected } from './fixture.ts'
import { dataBatch, type partitionAnswer } from './log.ts'
import type { Call } from './scripted-transport.ts'

export const records = (baseOffset: number, ...values: string[]) =>
  dataBatch({ baseOffset, values })

export async function fetching(
  leaders: { [topic: string]: number[] },
  options: Partial<FetcherOptions> = {},
) {
  const fixture = connected(leaders)
  await fixture.connection.metadata.refresh(Object.keys(leaders))
  const fetcher = new PartitionFetcher(fixture.connection, {
    isolation: 'read_uncommitted',
    ...options,
  })
  return { ...fixture, fetcher, next: () => fixture.script.next('fetch') }
}

export function requestOf(call: Call<'fetch'>): FetchRequest {
  return call.args[1]
}

export function positions(call: Call<'fetch'>): string[] {
  return requestOf(call).partitions.map(
    ({ topic, partition, offset }) => `${topic}[${partition}]@${offset}`,
  )
}

export const answered = (...partitions: ReturnType<typeof partitionAnswer>[]) => ({
  errorCode: 0,
  partitions,
})
