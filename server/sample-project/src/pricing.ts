/** What can be bought. Prices are in cents, so that sums are exact. */
export interface Product {
  readonly id: string
  readonly name: string
  readonly cents: number
}

export const lantern: Product = { id: 'lantern', name: 'Lantern', cents: 12_900 }
export const spareCell: Product = { id: 'cell', name: 'Spare cell', cents: 1_900 }

/** From this many pieces of one product on, each costs a tenth less. */
const discountFrom = 2

/** What `quantity` pieces cost together, discount included. */
export function priceFor(product: Product, quantity: number): number {
  if (!Number.isInteger(quantity) || quantity < 1) {
    throw new RangeError(`a quantity is 1 or more, not ${quantity}`)
  }
  const full = product.cents * quantity
  return quantity >= discountFrom ? Math.round(full * 0.9) : full
}

/** `12900` as `€129.00`. */
export function formatEuros(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`
}
