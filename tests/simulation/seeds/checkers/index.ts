import { atLeastOnceLaw } from './at-least-once-law.ts'
import type { Checker } from './checker.ts'
import { committedNeverBack } from './committed-never-back.ts'
import { conservation } from './conservation.ts'
import { eachRecordOnce } from './each-record-once.ts'
import { lateOnce } from './late-once.ts'
import { orderKept } from './order-kept.ts'
import { runningCount } from './running-count.ts'
import { runningFold } from './running-fold.ts'
import { stateIsItsChangelog } from './state-is-its-changelog.ts'
import { stateKept } from './state-kept.ts'
import { timeNeverBack } from './time-never-back.ts'
import { windowFolds } from './window-folds.ts'
import { workersStayUp } from './workers-stay-up.ts'

export const checkers: readonly Checker[] = [
  eachRecordOnce,
  orderKept,
  runningFold,
  runningCount,
  windowFolds,
  lateOnce,
  conservation,
  stateIsItsChangelog,
  stateKept,
  timeNeverBack,
  committedNeverBack,
  workersStayUp,
  atLeastOnceLaw,
]
