/** Raised when an old page can no longer talk to a new server; such a page is told to reload. */
export const protocolVersion = 1
