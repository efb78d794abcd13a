import { systemTimers } from '../timers.ts'
import { runnerContract } from './runner.contract.ts'
import { createUnsafeRunner } from './unsafe-runner.ts'

runnerContract('without a sandbox', () => createUnsafeRunner({ timers: systemTimers }))
