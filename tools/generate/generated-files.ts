import { configurationDocument, exampleEnvFile } from '@millrace/config'
import { dashboardJson } from './dashboard/dashboard.ts'
import { dashboards } from './dashboard/dashboards.ts'
import { errorsDocument } from './errors-document.ts'
import { metricsDocument } from './metrics-document.ts'
import { processorEnvFile } from './processor-env-file.ts'

export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string
  readonly make: () => string
}

/** Every file that mirrors code. `npm run generate` writes them; tests/tidy checks that they are fresh. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: '.env.example', make: exampleEnvFile },
  { path: 'deploy/env/processor.env', make: processorEnvFile },
  ...dashboards.map((dashboard) => ({
    path: `deploy/grafana/dashboards/${dashboard.name}.json`,
    make: () => dashboardJson(dashboard),
  })),
  { path: 'docs/configuration.md', make: configurationDocument },
  { path: 'docs/errors.md', make: errorsDocument },
  { path: 'docs/metrics.md', make: metricsDocument },
]
