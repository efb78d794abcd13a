import { priceFor, type Product } from './pricing.ts'

export interface CartLine {
  readonly product: Product
  readonly quantity: number
}

export type Cart = readonly CartLine[]

/** The cart with more of a product; lines of one product are joined. */
export function add(cart: Cart, product: Product, quantity = 1): Cart {
  const present = cart.find((line) => line.product.id === product.id)
  if (!present) return [...cart, { product, quantity }]
  return cart.map((line) => (line === present ? { product, quantity: line.quantity + quantity } : line))
}

/** The sum of all lines in cents. */
export function total(cart: Cart): number {
  return cart.reduce((sum, line) => sum + priceFor(line.product, line.quantity), 0)
}
