import { json, string, topology } from 'millrace'
import { alertRule, alerts, toAlertmanager, toWebhook } from 'millrace/alerts'
import { createTestDriver, type TestDriverOptions, type TopologyTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

interface Posted {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
}

/** Receivers that note what they take; a URL given a status answers that. */
class Receivers {
  readonly posted: Posted[] = []
  readonly attempts: string[] = []
  readonly statusOf = new Map<string, number>()

  readonly fetch = async (
    url: string,
    request: { readonly headers: { readonly [name: string]: string }; readonly body: string },
  ): Promise<Response> => {
    this.attempts.push(url)
    const status = this.statusOf.get(url) ?? 200
    if (status === 200) {
      this.posted.push({ url, headers: request.headers, body: JSON.parse(request.body) as unknown })
    }
    return new Response('as told', { status })
  }
}

type Deliver = (events: ReturnType<typeof alerts>, receivers: Receivers) => void

async function started(deliver: Deliver, options: TestDriverOptions = {}) {
  const receivers = new Receivers()
  const program = topology((t) => {
    const rule = alertRule<string, number>({
      name: 'hot',
      severity: 'critical',
      summary: 'It is hot.',
      runbook: 'https://example.org/hot',
      description: ({ key, value }) => `${key} has ${value} degrees.`,
      labels: ({ key }) => ({ room: key }),
      when: ({ value }) => value > 90,
    })
    const stream = t.stream('in', { key: string, value: json<number>(), nullValues: 'drop' })
    deliver(alerts(stream, rule), receivers)
  })
  return { receivers, driver: await createTestDriver(program, options) }
}

const hook = 'http://hook/?token=secret'
const webhook: Deliver = (events, { fetch }) =>
  toWebhook(events, {
    name: 'hook',
    url: hook,
    headers: { authorization: 'me' },
    backoff: 0,
    fetch,
  })

const one = 'http://am-1:9093/api/v2/alerts'
const two = 'http://am-2:9093/prefix/api/v2/alerts'
/** The wall clock of the driver: it begins there. */
let nowMs = 0
const alertmanager: Deliver = (events, { fetch }) =>
  toAlertmanager(events, {
    name: 'alertmanager',
    urls: ['http://am-1:9093', 'http://am-2:9093/prefix/'],
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, setTimer: () => () => {} },
    backoff: 0,
    fetch,
  })

async function feed(driver: TopologyTestDriver, value: number, key = 'attic'): Promise<void> {
  nowMs = driver.nowMs()
  await driver.input('in').pipe(key, value, { timestampMs: driver.nowMs() - 1_000 })
}

async function pass(driver: TopologyTestDriver, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    nowMs = driver.nowMs() + 60_000
    await driver.advanceWallClock('1m')
  }
}

test('a webhook gets each event once, under its name', async () => {
  const { receivers, driver } = await started(webhook)
  await using _ = driver
  await feed(driver, 95)
  await feed(driver, 96)
  await feed(driver, 20)
  const firedAtMs = driver.nowMs() - 1_000
  expect(receivers.posted).toHaveLength(2)
  const [firing, resolved] = receivers.posted
  expect(firing?.url).toBe(hook)
  expect(firing?.headers).toEqual({
    authorization: 'me',
    'content-type': 'application/json',
    'idempotency-key': `hot/attic@${firedAtMs}/firing`,
  })
  expect(firing?.body).toMatchObject({
    status: 'firing',
    rule: 'hot',
    labels: { room: 'attic' },
    description: 'attic has 95 degrees.',
  })
  expect(resolved?.body).toMatchObject({ status: 'resolved' })
})

test('keys may have any characters, also in a header', async () => {
  const { receivers, driver } = await started(webhook)
  await using _ = driver
  await feed(driver, 95, '東京 \ud800')
  const id = receivers.posted[0]?.headers['idempotency-key'] ?? ''
  expect(() => new Headers({ id })).not.toThrow()
  expect(decodeURI(id)).toMatch(/^hot\/東京 .@\d+\/firing$/)
})

test('what a receiver will never take is not tried again, and names no secret', async () => {
  const { receivers, driver } = await started(webhook, { deadLetterTopic: 'dead' })
  await using _ = driver
  receivers.statusOf.set(hook, 400)
  await feed(driver, 95)
  expect(receivers.attempts).toHaveLength(1)
  const [letter] = driver.deadLetters()
  expect(letter?.message).toContain('http://hook/ answered 400')
  expect(letter?.message).not.toContain('secret')
})

test('every replica is told of what fires, again each minute, until it is over', async () => {
  const { receivers, driver } = await started(alertmanager)
  await using _ = driver
  await feed(driver, 95)
  await feed(driver, 99, 'cellar')
  const urls = () => receivers.posted.splice(0).map(({ url, body }) => [url, (body as []).length])
  expect(urls()).toEqual([
    [one, 1],
    [two, 1],
    [one, 1],
    [two, 1],
  ])
  await pass(driver, 2)
  expect(urls()).toEqual([
    [one, 2],
    [two, 2],
    [one, 2],
    [two, 2],
  ])
  await feed(driver, 20)
  expect(urls()).toEqual([
    [one, 1],
    [two, 1],
  ])
  await feed(driver, 20, 'cellar')
  urls()
  await pass(driver, 3)
  expect(urls()).toEqual([])
})

test('an alert is as Alertmanager wants it: it ends by itself when it is not told of', async () => {
  const { receivers, driver } = await started(alertmanager)
  await using _ = driver
  await feed(driver, 95)
  const startMs = driver.nowMs()
  const at = (ms: number) => new Date(ms).toISOString()
  expect(receivers.posted[0]?.body).toEqual([
    {
      labels: { alertname: 'hot', severity: 'critical', room: 'attic', dedupe_key: 'hot/attic' },
      annotations: {
        summary: 'It is hot.',
        description: 'attic has 95 degrees.',
        runbook_url: 'https://example.org/hot',
      },
      startsAt: at(startMs - 1_000),
      endsAt: at(startMs + 240_000),
    },
  ])
  await feed(driver, 20)
  expect(receivers.posted.at(-1)?.body).toMatchObject([{ endsAt: at(startMs) }])
})

test('a replica that does not answer is left to the next telling, when another has', async () => {
  const { receivers, driver } = await started(alertmanager)
  await using _ = driver
  receivers.statusOf.set(two, 503)
  await feed(driver, 95)
  expect(receivers.attempts.filter((url) => url === two)).toHaveLength(3)
  receivers.statusOf.delete(two)
  receivers.posted.length = 0
  await pass(driver, 1)
  expect(receivers.posted.map(({ url }) => url)).toEqual([one, two])
})

test('a restart goes on telling of what fires', async () => {
  const { receivers, driver } = await started(alertmanager)
  await using _ = driver
  await feed(driver, 95)
  await driver.crash()
  await driver.resume({ keepState: false })
  receivers.posted.length = 0
  await pass(driver, 1)
  expect(receivers.posted.map(({ url }) => url)).toEqual([one, two])
})

test('a repetition that comes to its turn late is left out; what is new is not', async () => {
  const { receivers, driver } = await started(alertmanager)
  await using _ = driver
  await feed(driver, 95)
  receivers.posted.length = 0
  nowMs = driver.nowMs() + 60_000 + 120_001
  await driver.advanceWallClock('1m')
  expect(receivers.posted).toEqual([])
  await driver.input('in').pipe('attic', 20, { timestampMs: driver.nowMs() })
  expect(receivers.posted).toHaveLength(2)
})

test.each([
  [{ urls: [] }, 'it has no urls'],
  [{ urls: ['alertmanager:9093'] }, 'is no http URL'],
  [{ urls: ['http://am'], resendEvery: 0 }, 'its resendEvery is 0'],
])('refuses what cannot be told of: %s', async (options, why) => {
  const built = started((events) => toAlertmanager(events, { name: 'am', ...options }))
  await expect(built).rejects.toThrow(why)
})
