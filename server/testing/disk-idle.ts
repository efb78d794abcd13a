/** Names of what Node has under way at the disk. */
const requests = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq'])

/** Waits until this process has asked nothing of the disk for a while: what a change set off has come to its end. */
export async function diskIdle(): Promise<void> {
  for (let idle = 0; idle < 10; idle++) {
    await new Promise(setImmediate)
    if (process.getActiveResourcesInfo().some((name) => requests.has(name))) idle = -1
  }
}
