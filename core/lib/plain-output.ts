/** Escape sequences of terminals: control strings up to their end, then commands, then two-character ones. */
const sequences =
  /(?:\u001b[PX\]^_]|[\u0090\u0098\u009d\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g
/** What is neither text nor a new line, and what turns the direction of text round. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * What a command wrote, as text that only says what it says: nothing a terminal would obey is left, and of a line that
 * was written over its last state stands.
 */
export function plainOutput(output: string): string {
  return output
    .replace(sequences, '')
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.slice(line.trimEnd().lastIndexOf('\r') + 1).replace(unseen, ''))
    .join('\n')
}
