/** Every bound of the system and its name. Sizes are bytes unless said, times milliseconds. */
export const limits = {
  /** Largest text frame a browser may send. */
  clientFrameBytes: 1024 * 1024,
  /** Largest binary frame a browser may send (a document update: a paste). */
  clientBinaryBytes: 24 * 1024 * 1024,
  /** What may wait in one session's socket before it is told to take a snapshot instead. */
  outboxBytes: 1024 * 1024,
  /** Answers are never dropped: a session that asks on with this much unread is closed. */
  unreadBytes: 64 * 1024 * 1024,
  /** How long deltas of one item are joined while the socket is busy. */
  coalesceMs: 8,
  /** How long a model's writing in a document waits for more of it: the page draws it once per frame anyway. */
  mergeEveryMs: 3,
  /** What several write waits longer, by the square of their number, for each has more to draw; and at most this. */
  mergeLatestMs: 33,
  /** How often others are told where the model's caret is: pages show a model by its hunks. */
  caretEveryMs: 250,
  /** Events one topic replays; beyond, a snapshot. */
  replayEvents: 2000,
  /** And of no more JSON text than this, in UTF-16 code units. */
  replayChars: 4 * 1024 * 1024,
  /** Rows of a thread's log read at once. */
  logPageEvents: 1000,
  /** A thread's folded state is kept after this many events, when its turn settles. */
  snapshotEvents: 2000,
  /** And while a long log is folded, after this many. */
  snapshotLoadedEvents: 200_000,
  /** One answer of a thread's history: rows read for it, and its size in UTF-16 code units of JSON. */
  historyReadEvents: 50_000,
  historyChars: 2 * 1024 * 1024,
  /** The history of a document is given up to this many UTF-16 code units of text. */
  documentHistoryChars: 8 * 1024 * 1024,
  /** Changes of a document within this time are remembered as one; and of all it is remembered when this many ranges of characters came or went. */
  documentTimeMs: 250,
  documentTimeRanges: 20_000,
  /** In a history a growing hunk is told this often. */
  replayGrowthMs: 200,
  /** Threads kept in memory; of more, those nobody follows or uses are let go. */
  loadedThreads: 32,
  /** Places a search of threads shows, and how many of them of one thread. */
  threadHits: 50,
  threadHitsEach: 5,
  /** How long a session may stay silent before it opens. */
  handshakeMs: 5000,
  pingEveryMs: 10_000,
  /** Longest prompt, in UTF-16 code units. */
  promptChars: 400_000,
  /** Selections an edit in place may be asked for at once. */
  inlinePlaces: 50,
  /** Longest line a prompt can go on from, in UTF-16 code units. */
  quoteChars: 500,
  /** Longest command a person may run, in UTF-16 code units; how many of one thread run at once. */
  commandChars: 8000,
  runningCommands: 4,
  /** Commands of one thread that are kept with their output. */
  keptCommands: 50,
  /** Of a command's output the thread keeps this much, the beginning and the end. */
  commandOutputBytes: 128 * 1024,
  /** Output is told this often. */
  commandOutputMs: 60,
  /** What the model is shown of each command's output: its end, in UTF-16 code units. */
  commandToldChars: 8000,
  /** What the model is shown of a command it ran: as much of the beginning as of the end. */
  modelCommandChars: 32_000,
  /** Connections commands wanted that a thread shows; its log has all. */
  keptReached: 200,
  /** Questions about commands that are kept of one thread. */
  keptApprovals: 50,
  /** Words that may wait for the next request of one turn. */
  waitingSteers: 20,
  /** A turn that nobody takes up again is stopped after it was paused this long. */
  pausedMs: 5000,
  /** What the model may write meanwhile, in UTF-16 code units; with more the turn goes on. */
  pausedChars: 4 * 1024 * 1024,
  /** Turns at the end of a thread that are sent as they are as long as that is possible. */
  keptTurns: 2,
  /** Messages of one thread that may be pinned. */
  pinnedMessages: 50,
  /** Longest summary of earlier turns, in UTF-16 code units, and what it may take of the window of its model, in tokens. */
  summaryChars: 24_000,
  summaryTokens: 8192,
  /** Most take less than this. */
  usualSummaryTokens: 3072,
  /** Tokens that are asked for an answer before its thread has shown how long they are: of an edit in place besides its lines, of a plan, of another turn. */
  inlineAnswerTokens: 2048,
  planAnswerTokens: 4096,
  firstAnswerTokens: 8192,
  /** And no less than this afterwards. */
  leastAnswerTokens: 2048,
  /** Token counting lets others run after this long. */
  countSliceMs: 1,
  /** Links of one thread that work at a time, and how long one may. */
  shareLinks: 50,
  shareMs: 365 * 24 * 3600 * 1000,
  /** Prompts that may wait in one thread. */
  queuedPrompts: 50,
  /** Text files above this are not opened as documents. */
  documentBytes: 20 * 1024 * 1024,
  /** One that grows beyond that while it is open is kept in step with its file up to this many. */
  grownBytes: 40 * 1024 * 1024,
  /** Bytes looked at to tell text from binary. */
  sniffBytes: 8192,
  /** A changed document reaches the disk at the latest this long after its last change. */
  flushAfterMs: 300,
  /** While a document changes without a pause it reaches the disk this often, and at the end of an edit of the model. */
  flushLatestMs: 2000,
  /** How long a file that was cut short on disk must stay so to be believed. */
  cutShortMs: 200,
  /** A failed write to disk is tried again after this long, then after twice as long, up to the ceiling. */
  diskRetryMs: 1000,
  diskRetryCeilingMs: 30_000,
  /** How long a document nobody has open stays in memory. */
  documentIdleMs: 30_000,
  /** What one browser may say of where its person is. */
  awarenessBytes: 16 * 1024,
  /** Clients one browser may speak for in one document. */
  awarenessClients: 8,
  /** Listeners to a changing text are told this often. */
  textEveryMs: 16,
  /** A growing hunk is reported this often. */
  hunkEveryMs: 50,
  /** A hunk whose lines a person writes in stands still this long, unless they decide before. */
  touchedMs: 8000,
  /** Of what a hunk removed, this much is shown, in UTF-16 code units. */
  removedTextChars: 20_000,
  /** A journal is folded into a snapshot after this many updates. */
  journalUpdates: 200,
  /** Entries of one folder in one answer. */
  folderEntries: 5000,
  /** How long what nobody waits for may wait for something else that is sent. */
  patientMs: 50,
  /** Group commit: how long an append may wait for others. */
  groupCommitMs: 8,
  /** How often the text of running items is kept, which is what a crash can lose of it: for two hundred streams it is work. */
  progressMs: 500,
  /** What a call may take that is made to compare. */
  compareMs: 120_000,
  /** Upstream. */
  connectMs: 3000,
  /** A backend that is gone is noticed within twice this long. */
  upstreamPingMs: 5000,
  /** How long a backend may take, after a response, to say what becomes of words it was given. */
  verdictMs: 2000,
  firstByteMs: 60_000,
  stallMs: 20_000,
  /** Retries before the first token, and their waits (full jitter). */
  retryAttempts: 3,
  retryBaseMs: 400,
  retryCeilingMs: 20_000,
  /** What the models of a tier that do not answer may cost a request together. */
  failoverMs: 1500,
  /** A model that failed this many times in a row, each within the window of the one before, is left alone. */
  breakerFailures: 3,
  breakerWindowMs: 60_000,
  /** So long at first, then twice as long each time, up to the ceiling. */
  breakerBaseMs: 5000,
  breakerCeilingMs: 60_000,
  /** Requests to the model in one turn before it counts as a loop. */
  turnRequests: 40,
  /** The same in a job's turn. */
  jobRequests: 2000,
  /** Jobs that run at a time, and jobs a workspace keeps. */
  runningJobs: 4,
  /** Schedules that are kept. */
  schedules: 100,
  jobs: 500,
  /** Of the changes of all candidates together, what a judge is shown, in UTF-16 code units. */
  judgedChars: 120_000,
  /** Text of a file above this is not read for its syntax, in UTF-16 code units; files of one candidate that are. */
  syntaxChars: 1_000_000,
  syntaxFiles: 100,
  /** Of what a candidate's check wrote, its end is kept, in UTF-16 code units. */
  checkChars: 4000,
  /** Agents of agents there may be, agents one job may start, and agents of one depth that run at a time. */
  agentDepth: 2,
  agentsPerJob: 12,
  runningAgents: 8,
  /** A step of a job that failed so often waits for a person. */
  stepAttempts: 3,
  /** What a job may use before it asks: requests, tokens, minutes. */
  jobSteps: 200,
  jobTokens: 5_000_000,
  jobMinutes: 240,
  /** How long a job waits for a model that cannot be had, longer and longer, and how often: more than six hours in all. */
  jobAwayMs: 5000,
  jobAwayCeilingMs: 600_000,
  jobAwayTimes: 45,
  /** MiB that the copy of a job and those of its agents may take. */
  jobDiskMb: 20_480,
  /** Files a job wrote outside git: those that are listed, looked at, and kept when its copy is cleared away, in bytes. */
  artefacts: 200,
  artefactsSeen: 5000,
  artefactsKeptBytes: 256 * 1024 * 1024,
  /** Of one that is shown as text. */
  artefactBytes: 256 * 1024,
  /** Longest list of steps a job plans, and of one of them in UTF-16 code units. */
  jobPlanSteps: 50,
  jobPlanChars: 300,
  /** Longest time a job's model may give one command, in seconds. */
  commandSeconds: 1800,
  /** Of a job's changes as text, in UTF-16 code units. */
  jobPatchChars: 2_000_000,
  /** The same tool call with the same input this many times in a row is a loop. */
  sameCalls: 3,
  toolOutputChars: 40_000,
  readFileLines: 2000,
  searchResults: 200,
  /** A text search is cut after this long, or this much output. */
  searchMs: 10_000,
  searchBytes: 16 * 1024 * 1024,
  /** Length of one shown line of a match, in UTF-16 code units. */
  searchLineChars: 500,
  /** Paths of one workspace the file finder knows. */
  indexedPaths: 200_000,
  gitMs: 10_000,
  /** Copying a whole workspace. */
  gitTreeMs: 300_000,
  gitBytes: 4 * 1024 * 1024,
} as const
