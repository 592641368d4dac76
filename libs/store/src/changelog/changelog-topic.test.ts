import { expect, test } from 'vitest'
import { changelogTopicConfigs, checkChangelogTopic } from './changelog-topic.ts'

test('a topic made with our settings passes the check', () => {
  const configs = new Map(Object.entries(changelogTopicConfigs()))
  expect(checkChangelogTopic('app-store-changelog', configs)).toEqual([])
})

test.each([
  ['cleanup.policy', 'compact,delete'],
  ['cleanup.policy', 'delete'],
  ['min.compaction.lag.ms', '0'],
  ['delete.retention.ms', '1000'],
  ['message.timestamp.type', 'CreateTime'],
])('%s=%s is named, with the command that mends it', (config, value) => {
  const configs = new Map(Object.entries({ ...changelogTopicConfigs(), [config]: value }))
  const problems = checkChangelogTopic('app-store-changelog', configs)
  expect(problems).toMatchObject([{ config, found: value }])
  expect(problems[0]?.remedy).toContain(`--entity-name app-store-changelog --add-config ${config}=`)
})
