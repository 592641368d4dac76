import { parseConfig } from '@millrace/config'
import { expect, test } from 'vitest'
import { pythonPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from './need-package.ts'
import { runCheck } from './run-check.ts'
import { fileText, yamlDocuments } from './yaml-files.ts'

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly failureThreshold?: number
}

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly {
    readonly name: string
    readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } }
  }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

interface Manifest {
  readonly kind: string
  readonly data: Readonly<Record<string, string>>
  readonly spec: {
    readonly serviceName: string
    readonly podManagementPolicy: string
    readonly maxUnavailable: number
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly securityContext: { readonly runAsUser: number }
        readonly containers: readonly [Container]
      }
    }
  }
}

const path = 'deploy/kubernetes/millrace.yaml'
const manifests = yamlDocuments(path) as readonly Manifest[]
const statefulSet = manifest('StatefulSet').spec
const pod = statefulSet.template.spec
const [container] = pod.containers

test('every manifest fits its schema, to the last field', { timeout: 300_000 }, (context) => {
  const folder = needPackage(context, pythonPackage('kubernetes-validate', '1.37.0'))
  const args = ['-m', 'kubernetes_validate', '--strict', '--kubernetes-version=1.35', path]
  const { output, complaints } = runCheck('python3', args, folder)
  expect(complaints).toBe('')
  expect(output.match(/ passed for resource /g)).toHaveLength(manifests.length)
})

test('the settings are known, and a pod is a static member of the group under its own name', () => {
  const instance = container.env.find(({ name }) => name === 'MILLRACE_GROUP_INSTANCE_ID')
  expect(instance?.valueFrom.fieldRef.fieldPath).toBe('metadata.name')
  const env = { ...manifest('ConfigMap').data, MILLRACE_GROUP_INSTANCE_ID: 'millrace-0' }
  expect(parseConfig(env, () => '').groupInstanceId).toBe('millrace-0')
})

test('a pod that restores is not killed: only readiness, which kills nothing, waits for it', () => {
  const { startupProbe, livenessProbe, readinessProbe } = container
  expect(startupProbe.httpGet.path).toBe('/healthz')
  expect(livenessProbe.httpGet.path).toBe('/healthz')
  expect(readinessProbe.httpGet.path).toBe('/readyz')
  const named = container.ports.map(({ name }) => name)
  for (const probe of [startupProbe, livenessProbe, readinessProbe])
    expect(named).toContain(probe.httpGet.port)
})

test('a pod has longer to stop than the processor takes at most', () => {
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10)
})

test('state outlives its pod: a claim for each, where the image keeps it, owned by its user', () => {
  const dockerfile = fileText('Dockerfile')
  const [claim] = statefulSet.volumeClaimTemplates
  const mount = container.volumeMounts.find(({ name }) => name === claim?.metadata.name)
  expect(dockerfile).toContain(`MILLRACE_STATE_DIRECTORY=${mount?.mountPath}`)
  expect(dockerfile).toContain(`USER ${pod.securityContext.runAsUser}:`)
})

test('pods start side by side and are taken away one by one', () => {
  expect(statefulSet.podManagementPolicy).toBe('Parallel')
  const budget = manifest('PodDisruptionBudget').spec
  expect(budget.maxUnavailable).toBe(1)
  expect(budget.selector).toEqual(statefulSet.selector)
  expect(statefulSet.template.metadata.labels).toMatchObject(statefulSet.selector.matchLabels)
})

function manifest(kind: string): Manifest {
  const found = manifests.find((each) => each.kind === kind)
  if (found === undefined) throw new Error(`${path} has no ${kind}`)
  return found
}
