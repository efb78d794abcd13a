import { type Cart, total } from './cart.ts'
import { formatEuros, priceFor } from './pricing.ts'

/** The cart in words, one line each, the total last. */
export function receipt(cart: Cart): string {
  const lines = cart.map(({ product, quantity }) => {
    return quantity + ' × ' + product.name + '  ' + formatEuros(priceFor(product, quantity))
  })
  return [...lines, 'Total  ' + formatEuros(total(cart))].join('\n')
}
