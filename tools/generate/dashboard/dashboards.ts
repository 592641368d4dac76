import type { Dashboard } from './dashboard.ts'
import { freshPanels } from './fresh-panels.ts'
import { keepingUpPanels } from './keeping-up-panels.ts'
import { rightPanels } from './right-panels.ts'
import { statePanels } from './state-panels.ts'
import { viewPanels } from './view-panels.ts'

/** One for each question. */
export const dashboards: readonly Dashboard[] = [
  { name: 'fresh', title: 'Is it fresh?', panels: freshPanels },
  { name: 'keeping-up', title: 'Is it keeping up?', panels: keepingUpPanels },
  { name: 'right', title: 'Is it right?', panels: rightPanels },
  { name: 'state', title: 'State and restore', panels: statePanels },
  { name: 'view', title: "One view's business numbers", panels: viewPanels, ofOneView: true },
]
