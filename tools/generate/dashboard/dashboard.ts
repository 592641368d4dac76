import { keepingUpPanels } from './keeping-up-panels.ts'
import type { Panel } from './panel.ts'

/** Grafana's grid is so many units wide. */
const gridWidth = 24
const sizes = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const
const datasource = { type: 'prometheus', uid: '${datasource}' }

/** `deploy/grafana/dashboards/keeping-up.json`, in Grafana's classic model. */
export function keepingUpDashboard(): string {
  const dashboard = {
    uid: 'millrace-keeping-up',
    title: 'Is it keeping up?',
    description: 'Millrace. Generated from tools/generate/dashboard by `npm run generate`.',
    tags: ['millrace'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    timezone: 'utc',
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    templating: { list: variables() },
    panels: placed(keepingUpPanels),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

function variables(): object[] {
  const choice = (name: string, query: string): object => ({
    name,
    label: name,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { text: 'All', value: '$__all' },
  })
  return [
    { name: 'datasource', label: 'datasource', type: 'datasource', query: 'prometheus' },
    choice('job', 'label_values(millrace_build_info, job)'),
    choice('instance', 'label_values(millrace_build_info{job=~"$job"}, instance)'),
  ]
}

/** Left to right, then down: stats first, so that rows are of one height. */
function placed(panels: readonly Panel[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0]
  return panels.map((panel, index) => {
    const { w, h } = sizes[panel.kind]
    if (x + w > gridWidth) [x, y] = [0, y + rowHeight]
    const gridPos = { x, y, w, h }
    ;[x, rowHeight] = [x + w, h]
    return { id: index + 1, gridPos, ...drawn(panel) }
  })
}

function drawn({ title, description, kind, unit, queries, badFrom }: Panel): object {
  const red = badFrom === undefined ? [] : [{ color: 'red', value: badFrom }]
  return {
    type: kind,
    title,
    description,
    datasource,
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, ...red] },
      },
      overrides: [],
    },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : {},
    targets: queries.map(({ expression, legend }, index) => ({
      refId: String.fromCodePoint('A'.charCodeAt(0) + index),
      datasource,
      expr: expression,
      legendFormat: legend,
    })),
  }
}
