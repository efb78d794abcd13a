import { channel } from 'node:diagnostics_channel'

/** Moments of a job at which tests let the server die: before or behind each thing that lasts. */
export const crashPoints = [
  // Handed off.
  'turnHalted',
  'threadMade',
  'threadsMade',
  'handedOff',
  // By itself.
  'scheduleDue',
  'scheduleBegun',
  // Its copy.
  'claimed',
  'repositoryBegun',
  'snapshotTaken',
  'based',
  'treeMade',
  'checkedOut',
  'setupStarted',
  'setupEnded',
  'running',
  'turnStarted',
  // Step by step.
  'budgetAsked',
  'intended',
  'heard',
  'answered',
  'commandStarted',
  'commandEnded',
  'planned',
  'asked',
  'acted',
  'treeWritten',
  'received',
  'proposed',
  'goalChecked',
  'stoodAside',
  // What people say meanwhile.
  'decided',
  'replied',
  'paused',
  'extended',
  'stopping',
  'retried',
  'reopened',
  // Its end.
  'settled',
  'packed',
  'published',
  'ended',
  // What becomes of it.
  'returning',
  'returned',
  'applied',
  'tidied',
  'sideTaken',
  'sideKept',
  'commitNoted',
  'commitMade',
  'headMoved',
  'filesCommitted',
  'commitKept',
  'headBack',
  'commitTaken',
  'commitForgotten',
  'textTaken',
  'unmerged',
  'othersNoted',
  'discarded',
  'removed',
  // What is done outside.
  'requestWanted',
  'branchPushed',
  'requestOpened',
  'effectDecided',
  // Where a job has agents.
  'spawned',
  'merged',
] as const
export type CrashPoint = (typeof crashPoints)[number]

/** Told of each such moment; what comes after it waits. */
export type Crash = (point: CrashPoint) => Promise<void>

const moments = channel('tandem:job')

/** Tells whoever looks into this process from outside, as tools for diagnosis do. */
export const tellMoment: Crash = async (point) => {
  if (moments.hasSubscribers) moments.publish(point)
}
