import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileText } from '../yaml-files.ts'

export const dashboardsFolder = 'deploy/grafana/dashboards'

export interface Datasource {
  readonly type: string
  readonly uid: string
}

export interface DashboardVariable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly query: string }
  readonly datasource?: Datasource
  readonly refresh?: number
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly allValue?: string
}

export interface DashboardPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description: string
  readonly datasource: Datasource
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly fieldConfig: { readonly defaults: { readonly unit: string } }
  readonly targets: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
    readonly datasource: Datasource
  }[]
}

/** What the checks look at of Grafana's classic model. */
export interface DashboardFile {
  /** The file's, without its ending. */
  readonly name: string
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly editable: boolean
  readonly templating: { readonly list: readonly DashboardVariable[] }
  readonly panels: readonly DashboardPanel[]
}

/** One target of a panel. */
export interface AskedQuery {
  readonly dashboard: string
  readonly panel: string
  readonly panelType: string
  readonly expression: string
}

/** All that Grafana finds in the folder, whoever wrote it. */
export const dashboardFiles: readonly DashboardFile[] = readdirSync(
  join(import.meta.dirname, '../../..', dashboardsFolder),
).map((file) => ({
  name: file.replace(/\.json$/, ''),
  ...(JSON.parse(fileText(`${dashboardsFolder}/${file}`)) as Omit<DashboardFile, 'name'>),
}))

export const askedQueries: readonly AskedQuery[] = dashboardFiles.flatMap(({ name, panels }) =>
  panels.flatMap(({ title, type, targets }) =>
    targets.map(({ expr }) => ({
      dashboard: name,
      panel: title,
      panelType: type,
      expression: expr,
    })),
  ),
)
