import type { Panel } from './panel.ts'

export interface Dashboard {
  /** Of its file, and in its uid: bookmarks keep it. */
  readonly name: string
  /** The question that it answers. */
  readonly title: string
  readonly panels: readonly Panel[]
  /** The reader chooses a view; queries select it by `$view`. */
  readonly ofOneView?: boolean
}

/** Grafana's grid is so many units wide. */
const gridWidth = 24
const sizes = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const
const datasource = { type: 'prometheus', uid: '${datasource}' }

/** The dashboard in Grafana's classic model. */
export function dashboardJson({ name, title, panels, ofOneView = false }: Dashboard): string {
  const dashboard = {
    uid: `millrace-${name}`,
    title,
    description: 'Millrace. Generated from tools/generate/dashboard by `npm run generate`.',
    tags: ['millrace'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    timezone: 'utc',
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    links: [toTheOthers],
    templating: { list: [...variables, ...(ofOneView ? [viewVariable] : [])] },
    panels: placed(panels),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

/** At the top of each: the time and the choices go along. */
const toTheOthers = {
  title: 'Millrace',
  type: 'dashboards',
  tags: ['millrace'],
  asDropdown: false,
  includeVars: true,
  keepTime: true,
}

const variables: readonly object[] = [
  { name: 'datasource', label: 'datasource', type: 'datasource', query: 'prometheus' },
  choiceOfMany('job', 'label_values(millrace_build_info, job)'),
  choiceOfMany('instance', 'label_values(millrace_build_info{job=~"$job"}, instance)'),
]

const viewVariable = choice(
  'view',
  'label_values(millrace_result_watermark_timestamp_seconds{job=~"$job"}, view)',
)

function choiceOfMany(name: string, query: string): object {
  const all = { text: 'All', value: '$__all' }
  return { ...choice(name, query), multi: true, includeAll: true, allValue: '.+', current: all }
}

/** Asked again when the time that is shown changes. */
function choice(name: string, query: string): object {
  return {
    name,
    label: name,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
  }
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
