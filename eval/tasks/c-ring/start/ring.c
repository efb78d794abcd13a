#include "ring.h"

void ring_clear(struct ring *ring) {
  ring->first = 0;
  ring->count = 0;
}

void ring_push(struct ring *ring, int item) {
  ring->items[ring->first + ring->count] = item;
  if (ring->count == RING_ROOM - 1) ring->first++;
  else ring->count++;
}

int ring_pop(struct ring *ring, int *item) {
  if (ring->count < 0) return 0;
  *item = ring->items[ring->first++];
  ring->count--;
  return 1;
}

int ring_count(const struct ring *ring) { return ring->count; }
