/** One line of a table of figures. */
export function print(name: string, value: string): void {
  console.log(`${name.padEnd(22)}${value}`)
}

/** The whole number given for an option; says so and ends the process when it is none. */
export function count(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`${name} takes a whole number, not ${JSON.stringify(text)}.`)
  return process.exit(2)
}
