import assert from 'node:assert/strict'
import test from 'node:test'
import { add, total } from './cart.ts'
import { formatEuros, lantern, priceFor, spareCell } from './pricing.ts'
import { receipt } from './receipt.ts'

test('one lantern costs its price', () => {
  assert.equal(priceFor(lantern, 1), 12_900)
})

test('two and more are a tenth cheaper', () => {
  assert.equal(priceFor(lantern, 2), 23_220)
  assert.equal(formatEuros(priceFor(lantern, 2)), '€232.20')
})

test('a quantity below one is refused', () => {
  assert.throws(() => priceFor(lantern, 0), RangeError)
})

test('a cart joins the lines of one product', () => {
  const cart = add(add(add([], lantern), spareCell), lantern)
  assert.equal(cart.length, 2)
  assert.equal(total(cart), 25_120)
})

test('a receipt ends with the total', () => {
  assert.equal(receipt(add([], lantern)), '1 × Lantern  €129.00\nTotal  €129.00')
})
